// An Arena in which every piece is a block of the heap of its own, so that AddressSanitizer knows where it ends.
#pragma once

#include <cstdlib>
#include <vector>

#include "ldso/base/arena.h"

namespace ldseal::fuzz {

class ExactArena : public Arena {
 public:
  ExactArena() : Arena(more_pages) {}
  ~ExactArena() {
    for (void* piece : chunks_) std::free(piece);
  }

 private:
  static void* more_pages(Arena& arena, size_t least, size_t& given) {
    given = least;
    void* piece = std::calloc(1, least);
    if (piece == nullptr) std::abort();
    static_cast<ExactArena&>(arena).chunks_.push_back(piece);
    return piece;
  }

  std::vector<void*> chunks_;
};

}  // namespace ldseal::fuzz
