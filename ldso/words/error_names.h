// The texts of errno values, as strerror(3) has them.
#pragma once

#include "ldso/base/text.h"

namespace ldseal {

// Writes the text of the errno `number`; "error N" if there is no text for it here.
void write_error_number(TextWriter& out, int number);

}  // namespace ldseal
