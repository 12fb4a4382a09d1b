// Builds lines byte by byte: speed does not matter here.
#include "ldso/base/text.h"

namespace ldseal {

TextWriter& TextWriter::operator<<(std::string_view text) {
  size_t room = capacity_ - 1 - length_;
  size_t count = text.size() < room ? text.size() : room;
  overflowed_ = overflowed_ || count < text.size();
  __builtin_memcpy(buffer_ + length_, text.data(), count);
  length_ += count;
  buffer_[length_] = '\0';
  return *this;
}

TextWriter& TextWriter::operator<<(const char* text) {
  return *this << std::string_view(text == nullptr ? "(none)" : text);
}

TextWriter& TextWriter::operator<<(char c) {
  put(c);
  return *this;
}

TextWriter& TextWriter::decimal(uint64_t value, size_t width) {
  return number(value, 10, width, ' ');
}

TextWriter& TextWriter::hex(uint64_t value) { return *this << "0x", number(value, 16, 0, '0'); }

TextWriter& TextWriter::hex_padded(uint64_t value, size_t width) {
  return *this << "0x", number(value, 16, width, '0');
}

TextWriter& TextWriter::hex_digits(uint64_t value) { return number(value, 16, 0, '0'); }

void TextWriter::put(char c) {
  if (length_ + 1 >= capacity_) {
    overflowed_ = true;
    return;
  }
  buffer_[length_++] = c;
  buffer_[length_] = '\0';
}

TextWriter& TextWriter::number(uint64_t value, unsigned base, size_t width, char fill) {
  char digits[24];
  size_t count = 0;
  do {
    digits[count++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  for (size_t i = count; i < width; ++i) put(fill);
  while (count > 0) put(digits[--count]);
  return *this;
}

}  // namespace ldseal
