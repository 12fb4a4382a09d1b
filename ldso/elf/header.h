// The ELF header (gABI "ELF Header"): read from the first bytes of a file and checked.
#pragma once

#include "ldso/base/bytes.h"
#include "ldso/base/number.h"
#include "ldso/base/result.h"
#include "ldso/elf/types.h"

namespace ldseal {

// Reads and checks the header of a file of `file_size` bytes, whose first bytes are `start`.
// `machine` is the e_machine that can run here. Errors: the faults under "the ELF header" in
// base/error.h.
Result<Ehdr> read_header(ByteView start, ByteCount file_size, uint16_t machine);

// May a library search go on after this error? True if the file is for another machine or class.
bool is_foreign(const Error& error);

}  // namespace ldseal
