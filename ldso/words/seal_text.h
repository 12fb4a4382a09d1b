// The lines of LD_DEBUG=seal.
#pragma once

#include "ldso/base/text.h"
#include "ldso/base/trace.h"

namespace ldseal {

// `line` is a kSealRange, kSealSystem, kSlotsLeft or kSealed.
void write_seal_line(TextWriter& out, const TraceLine& line);

// Returns the reason why the kernel's own mappings are unknown. `doubt` is a SystemMappingsDoubt.
const char* text_of_doubt(uint64_t doubt);

}  // namespace ldseal
