// The ELF header (gABI "ELF Header"): read from a file's first bytes, checked, or refused.
#pragma once

#include "ldso/base/bytes.h"
#include "ldso/base/number.h"
#include "ldso/base/result.h"
#include "ldso/elf/types.h"

namespace ldseal {

// `start` holds the first bytes of a file of `file_size` bytes; `machine` is the e_machine that can
// run here.
Result<Ehdr> read_header(ByteView start, ByteCount file_size, uint16_t machine);

// Is this the kind of refusal that lets a library search go on (another machine's or another
// class's file)?
bool is_foreign(const Error& error);

}  // namespace ldseal
