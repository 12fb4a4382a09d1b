// The first thing that runs: our own relocations, which are all of the RELATIVE kind.
#pragma once

#include "ldso/elf/types.h"

namespace ldseal {

// Uses nothing but the code itself: no global that holds an address, no call through a table.
void self_relocate();

// Our own ELF header, in memory.
const Ehdr* own_header();

}  // namespace ldseal
