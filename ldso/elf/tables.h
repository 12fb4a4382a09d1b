// The tables that a dynamic section names, found in the object's image and checked: from here on
// the symbol and relocation loops run on plain pointers.
#pragma once

#include <span>

#include "ldso/base/arena.h"
#include "ldso/base/result.h"
#include "ldso/elf/dynamic.h"
#include "ldso/elf/image_view.h"
#include "ldso/elf/symbols.h"

namespace ldseal {

struct Tables {
  SymbolTable symbols;
  std::span<const Rela> rela;
  std::span<const Rela> plt;
  std::span<const uint64_t> relr;
};

// Every table lies inside one PT_LOAD, hash tables stay inside themselves, version tables end,
// strings are terminated. The rows of versions are made in `arena`.
Result<Tables> read_tables(const ImageView& image, const Dynamic& dynamic, Arena& arena);

}  // namespace ldseal
