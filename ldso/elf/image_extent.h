// How long an ELF image is that was put into memory as one piece, the whole file, as the kernel
// does with its vDSO.
#pragma once

#include "ldso/base/bytes.h"
#include "ldso/base/number.h"
#include "ldso/base/result.h"

namespace ldseal {

// Up to the end of the last of its parts: header, program headers, segments and section table. What
// the sections hold is not looked at: linkers put the table behind it. `start` is the image's
// beginning, as much of it as has the program headers.
Result<ByteCount> image_extent(ByteView start, uint16_t machine);

}  // namespace ldseal
