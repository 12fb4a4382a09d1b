// Relocates ld-seal itself. Its relocations are all of the RELATIVE kind. Nothing else runs before
// it.
#pragma once

#include "ldso/elf/types.h"

namespace ldseal {

// Uses nothing but the code itself: no global that holds an address, no call through a table.
void self_relocate();

// ld-seal's ELF header, in memory.
const Ehdr* own_header();

}  // namespace ldseal
