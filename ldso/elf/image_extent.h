// The length of an ELF image of which the whole file lies in memory, as the vDSO does.
#pragma once

#include "ldso/base/bytes.h"
#include "ldso/base/number.h"
#include "ldso/base/result.h"

namespace ldseal {

// Returns the end of the last part: header, program headers, segments or section table. The
// sections themselves do not count, because linkers put the section table behind them. `start` must
// hold at least the ELF header and the program headers. Errors: those of read_header().
Result<ByteCount> image_extent(ByteView start, uint16_t machine);

}  // namespace ldseal
