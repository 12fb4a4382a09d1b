// The program that the kernel has mapped. Its headers are checked before ld-seal reads any memory
// that they describe. So a wrong or truncated file is one line and exit status 127, not a signal.
#pragma once

#include "ldso/base/result.h"
#include "ldso/process/process.h"

namespace ldseal {

// Describes the program by AT_PHDR, AT_PHNUM and AT_ENTRY (getauxval(3)). Errors: kBadStack,
// without them; kProgramHeadersNotMapped and kProgramHeadersElsewhere, if they contradict the
// program headers; kSegmentTruncated, if the file ends before a segment; what is wrong with the
// object's tables.
Result<Module*> describe_mapped_program(Process& process, Arena& permanent);

}  // namespace ldseal
