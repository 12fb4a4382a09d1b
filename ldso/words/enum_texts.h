// Texts for the values of an enumeration, packed one behind the other: "first\0second\0". A table
// of pointers would need relocations at every start, and rows of one length would waste space in
// every static program that seals itself.
#pragma once

#include <cstddef>

namespace ldseal {

// The number of texts in a packed literal.
template <size_t kSize>
constexpr size_t count_texts(const char (&texts)[kSize]) {
  size_t count = 0;
  for (char c : texts) count += c == '\0' ? 1 : 0;
  return count;
}

// True if `texts` has one text for each value of E, whose last enumerator is kCount. For a
// static_assert beside the table: then a value that is added without a text does not compile.
template <class E, size_t kSize>
constexpr bool has_text_for_each(const char (&texts)[kSize]) {
  return count_texts(texts) == static_cast<size_t>(E::kCount);
}

inline const char* find_text(const char* texts, const char* end, size_t index) {
  for (; index > 0 && texts < end; --index) texts += __builtin_strlen(texts) + 1;
  return texts < end ? texts : "";
}

// Returns the text number `index`; "" if there is none.
template <size_t kSize>
const char* text_at(const char (&texts)[kSize], size_t index) {
  return find_text(texts, texts + kSize, index);
}

}  // namespace ldseal
