// Writes errors as sentences. sentence_rows.h has one row of text for each fault.
#pragma once

#include "ldso/base/error.h"
#include "ldso/base/text.h"

namespace ldseal {

// The line for an error, without "ld-seal: " and without the newline.
void write_error(TextWriter& out, const Error& error);

}  // namespace ldseal
