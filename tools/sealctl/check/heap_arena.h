// An arena of the loader's whose memory is the heap's: it ends with the object.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "ldso/base/arena.h"

namespace sealctl::check {

class HeapArena : public ldseal::Arena {
 public:
  HeapArena() : Arena(more) {}

 private:
  static void* more(ldseal::Arena& arena, size_t least, size_t& given) {
    constexpr size_t kPiece = size_t{64} << 10;
    given = std::max(least, kPiece);
    auto& pieces = static_cast<HeapArena&>(arena).pieces_;
    pieces.push_back(std::make_unique<unsigned char[]>(given));  // zeroed
    return pieces.back().get();
  }

  std::vector<std::unique_ptr<unsigned char[]>> pieces_;
};

}  // namespace sealctl::check
