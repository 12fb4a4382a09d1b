// An Arena whose pages come from the heap and stay until the test program ends.
#pragma once

#include <memory>
#include <vector>

#include "ldso/base/arena.h"

namespace ldseal::testing_tools {

class HeapArena : public Arena {
 public:
  HeapArena() : Arena(more_pages) {}

 private:
  static void* more_pages(Arena&, size_t least, size_t& given) {
    constexpr size_t kChunk = 1 << 16;
    static std::vector<std::unique_ptr<unsigned char[]>> pieces;
    given = least < kChunk ? kChunk : least;
    pieces.push_back(std::make_unique<unsigned char[]>(given));
    return pieces.back().get();
  }
};

}  // namespace ldseal::testing_tools
