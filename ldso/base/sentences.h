// The only place with sentences for errors: one row of text for each fault.
#pragma once

#include "ldso/base/error.h"
#include "ldso/base/text.h"

namespace ldseal {

// The line for an error, without "ld-seal: " and without the newline.
void write_error(TextWriter& out, const Error& error);

// The kernel's answer in words: "Permission denied".
void write_error_number(TextWriter& out, int number);

}  // namespace ldseal
