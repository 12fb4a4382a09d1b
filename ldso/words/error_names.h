// The kernel's answers in libc's words (strerror(3)).
#pragma once

#include "ldso/base/text.h"

namespace ldseal {

// Writes the text of `number`, an errno; "error N" for one that has no text here.
void write_error_number(TextWriter& out, int number);

}  // namespace ldseal
