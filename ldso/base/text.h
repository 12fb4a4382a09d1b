// Text without a libc: C strings as they are stored in ELF files, and a bounded buffer for building
// lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ldseal {

inline size_t text_length(const char* text) { return __builtin_strlen(text); }

inline bool equal(const char* a, const char* b) {
  while (*a == *b && *a != '\0') {
    ++a;
    ++b;
  }
  return *a == *b;
}

// Does `text` begin with `start`? Reads no more of `text` than the comparison needs.
inline bool starts_with(const char* text, const char* start) {
  while (*start != '\0' && *text == *start) {
    ++text;
    ++start;
  }
  return *start == '\0';
}

// The same comparison for long names, eight bytes in one step. It may read behind the end of a
// text, but never in another page than that of the text's last byte.
#if defined(__clang__)
[[clang::no_sanitize("address")]]
#endif
inline bool
equal_long(const char* a, const char* b) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  constexpr uint64_t kSmallestPage = uint64_t{4} << 10;
  auto fits = [](const char* p) {
    return reinterpret_cast<uintptr_t>(p) % kSmallestPage <= kSmallestPage - 8;
  };
  for (;;) {
    if (!fits(a) || !fits(b)) {
      if (*a != *b) return false;
      if (*a == '\0') return true;
      ++a;
      ++b;
      continue;
    }
    uint64_t left, right;
    __builtin_memcpy(&left, a, 8);
    __builtin_memcpy(&right, b, 8);
    // The lowest bit that is set is the highest one of the first NUL. What follows does not count.
    const uint64_t ends = (left - kOnes) & ~left & kHighs;
    if (ends != 0) return ((left ^ right) & (ends ^ (ends - 1))) == 0;
    if (left != right) return false;
    a += 8;
    b += 8;
  }
}

inline bool contains(std::string_view text, char wanted) {
  return text.find(wanted) != std::string_view::npos;
}

// Returns the part after the last slash.
inline std::string_view file_name(std::string_view path) {
  size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// Returns the part before the last slash: "/" for a file in the root directory, "" if there is no
// slash.
inline std::string_view directory_name(std::string_view path) {
  size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

// Moves the part of `list` before the next of `separators` into `piece`; false at the end. An empty
// part counts.
inline bool split_next(std::string_view& list, std::string_view separators,
                       std::string_view& piece) {
  if (list.data() == nullptr) return false;
  size_t end = list.find_first_of(separators);
  piece = list.substr(0, end);
  list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
  return true;
}

// Builds text until the buffer is full; `overflowed` then returns true. The text always ends in a
// NUL.
class TextWriter {
 public:
  TextWriter(char* buffer, size_t capacity) : buffer_(buffer), capacity_(capacity) {
    buffer_[0] = '\0';
  }

  TextWriter& operator<<(std::string_view text);
  TextWriter& operator<<(const char* text);  // "(none)" for null
  TextWriter& operator<<(char c);
  TextWriter& decimal(uint64_t value, size_t width = 0);
  TextWriter& hex(uint64_t value);  // 0x…
  TextWriter& hex_padded(uint64_t value, size_t width);
  TextWriter& hex_digits(uint64_t value);  // the form of addresses in /proc/PID/maps

  std::string_view text() const { return {buffer_, length_}; }
  const char* c_str() const { return buffer_; }
  bool overflowed() const { return overflowed_; }
  void clear() {
    length_ = 0;
    overflowed_ = false;
    buffer_[0] = '\0';
  }

 private:
  void put(char c);
  TextWriter& number(uint64_t value, unsigned base, size_t width, char fill);

  char* buffer_;
  size_t capacity_;
  size_t length_ = 0;
  bool overflowed_ = false;
};

template <size_t kCapacity>
class TextBuffer : public TextWriter {
 public:
  TextBuffer() : TextWriter(storage_, kCapacity) {}
  TextBuffer(const TextBuffer&) = delete;
  TextBuffer& operator=(const TextBuffer&) = delete;

 private:
  char storage_[kCapacity];
};

}  // namespace ldseal
