// Finds the tables that a dynamic section names, and checks them. After that the loops over symbols
// and relocations use plain pointers.
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

// Checks that every table lies inside one PT_LOAD, that hash tables stay inside themselves, that
// version tables end and that strings end in a NUL. The rows of versions are made in `arena`.
// Errors: the faults under "the dynamic section" in base/error.h.
Result<Tables> read_tables(const ImageView& image, const Dynamic& dynamic, Arena& arena);

}  // namespace ldseal
