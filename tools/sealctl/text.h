// Taking texts apart.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace sealctl {

// Takes the characters before the first `mark`, and the mark, from the front of `text`; all of it
// if there is no mark.
inline std::string_view take(std::string_view& text, char mark) {
  const size_t end = text.find(mark);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return taken;
}

// The part after the last slash.
inline std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// The number that the whole text is. None: it is none, or too large.
template <typename Number>
std::optional<Number> number_in(std::string_view text, int base = 10) {
  Number number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace sealctl
