// Tables of texts in the order of an enumeration.
#pragma once

#include <cstddef>

namespace ldseal {

// Does `texts` have a row for each value of E, whose last enumerator is kCount? A static_assert
// beside each table uses it: a value that is added without a text does not compile.
template <class E, size_t kRows, size_t kLength>
constexpr bool has_text_for_each(const char (&)[kRows][kLength]) {
  return kRows == static_cast<size_t>(E::kCount);
}

}  // namespace ldseal
