// A view of the bytes of a file. Readers copy structures out of it; a read beyond its end is
// refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "ldso/base/number.h"

namespace ldseal {

class ByteView {
 public:
  constexpr ByteView() = default;
  constexpr ByteView(const unsigned char* data, size_t size) : data_(data), size_(size) {}
  ByteView(const void* data, size_t size)
      : data_(static_cast<const unsigned char*>(data)), size_(size) {}

  constexpr size_t size() const { return size_; }
  constexpr const unsigned char* data() const { return data_; }

  template <class T>
  std::optional<T> read(FileOffset from) const {
    if (!range_fits(from.value, sizeof(T), size_)) return std::nullopt;
    T value;
    __builtin_memcpy(&value, data_ + from.value, sizeof(T));
    return value;
  }
  std::optional<ByteView> part(FileOffset from, ByteCount length) const {
    if (!range_fits(from.value, length.value, size_)) return std::nullopt;
    return ByteView(data_ + from.value, length.value);
  }

 private:
  const unsigned char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace ldseal
