// Writes errors as sentences. sentence_rows.h has one row of text for each fault.
#pragma once

#include "ldso/base/error.h"
#include "ldso/base/text.h"

namespace ldseal {

// A sentence whose placeholders (sentence_rows.h) are filled in from an error.
void write_sentence(TextWriter& out, const char* sentence, const Error& error);
// The line for an error, without "ld-seal: " and without the newline.
void write_error(TextWriter& out, const Error& error);

}  // namespace ldseal
