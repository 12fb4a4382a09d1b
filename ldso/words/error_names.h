// The texts of errno values, as strerror(3) has them.
#pragma once

#include "ldso/base/text.h"
#include "ldso/words/enum_texts.h"

namespace ldseal {

// Writes the text of the errno `number`; "error N" if there is no text for it here. ld-seal links
// the definition with every text (error_names.cc), crt/ one with the texts that it can need.
void write_error_number(TextWriter& out, int number);

// The same from a table: texts[i] in the packed literal is the text of numbers[i].
template <size_t kCount, size_t kSize>
void write_error_number_of(TextWriter& out, int number, const unsigned char (&numbers)[kCount],
                           const char (&texts)[kSize]) {
  for (size_t i = 0; i < kCount; ++i) {
    if (numbers[i] != number) continue;
    out << text_at(texts, i);
    return;
  }
  out << "error ";
  out.decimal(static_cast<uint64_t>(number));
}

}  // namespace ldseal
