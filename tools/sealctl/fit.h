// Fitting texts into the columns of a terminal. Texts are printable ASCII: a byte is a column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sealctl {

inline constexpr size_t kUnlimited = SIZE_MAX;

// The columns of the terminal that standard output is; kUnlimited if it is none.
size_t output_columns();

// The text if it has at most `most` characters; else with "..." in place of its middle. Of a path
// more is kept of the end, where the name of the file is.
std::string shorten(std::string_view text, size_t most);

// The text as lines: the first of at most `first` characters, the others of at most `rest`. It is
// broken between words, and inside a word only if that is longer than a line.
std::vector<std::string> wrap(std::string_view text, size_t first, size_t rest);

}  // namespace sealctl
