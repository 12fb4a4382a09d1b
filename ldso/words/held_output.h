// What LD_DEBUG and LD_SHOW_AUXV ask for. glibc's rtld writes it, too, if it gets the process
// (start/give_way.h). So it is held until that is decided, and then written or forgotten.
#pragma once

#include <string_view>

#include "ldso/base/arena.h"

namespace ldseal {

// From here on texts are kept in this memory.
void hold_output(Arena& memory);
// Writes the text to the descriptor, or keeps it.
void write_or_hold(int descriptor, std::string_view text);

// Both end the holding. They have no effect if there is none.
void release_output();  // writes what was kept
void forget_output();

}  // namespace ldseal
