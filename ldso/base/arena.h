// Memory by lifetime. An Arena hands out memory and takes none of it back. Its maker says where its
// pages come from: the kernel (mem/arenas.cc) or the heap (tests). List<T> grows inside an Arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>

#include "ldso/base/number.h"

namespace ldseal {

class Arena {
 public:
  // Returns at least `least` bytes of zeroed memory and sets `given` to their number. Does not
  // return if there is no memory.
  using MorePages = void* (*)(Arena& arena, size_t least, size_t& given);

  constexpr Arena() = default;
  explicit Arena(MorePages more) : more_(more) {}
  // Starts with `piece`. It need not be zeroed if the arena is used for lists only.
  Arena(std::span<unsigned char> piece, MorePages more)
      : more_(more), next_(reinterpret_cast<uintptr_t>(piece.data())), end_(next_ + piece.size()) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void take_pages_from(MorePages more) { more_ = more; }
  // Forbids all further allocation: `refuse` is called instead, and must not return. Returns the
  // end of the memory that was handed out.
  Address close(MorePages refuse) {
    Address used_end(next_);
    more_ = refuse;
    next_ = end_ = 0;
    return used_end;
  }

  // So large a request does not take what is left of older pages. The maker can then choose pages
  // that suit it.
  static constexpr size_t kLarge = size_t{256} << 10;

  // Returns zeroed memory.
  void* allocate(size_t size, size_t alignment) {
    uintptr_t start = round_up(next_, alignment);
    if (next_ == 0 || start > end_ || size > end_ - start || size >= kLarge) {
      refill(size + alignment);
      start = round_up(next_, alignment);
    }
    next_ = start + size;
    return reinterpret_cast<void*>(start);
  }
  template <class T, class... Arguments>
  T* make(Arguments&&... arguments) {
    return new (allocate(sizeof(T), alignof(T))) T{static_cast<Arguments&&>(arguments)...};
  }
  template <class T>
  T* make_array(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    T* items = static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
    for (size_t i = 0; i < count; ++i) new (items + i) T();
    return items;
  }
  // For types whose initial value is all zero bytes: the pages stay untouched until they are used.
  template <class T>
  T* make_zeroed_array(size_t count) {
    static_assert(std::is_trivially_copyable_v<T>);
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }
  const char* copy(std::string_view text) {
    char* to = static_cast<char*>(allocate(text.size() + 1, 1));
    for (size_t i = 0; i < text.size(); ++i) to[i] = text[i];
    to[text.size()] = '\0';
    return to;
  }

 private:
  void refill(size_t least) {
    size_t given = 0;
    next_ = reinterpret_cast<uintptr_t>(more_(*this, least, given));
    end_ = next_ + given;
  }

  MorePages more_ = nullptr;
  uintptr_t next_ = 0;
  uintptr_t end_ = 0;
};

// A growing array in an Arena. Growth leaves the old array behind in the Arena. This at most
// doubles the memory that is used.
template <class T>
class List {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  constexpr List() = default;

  void add(Arena& arena, const T& item) {
    if (size_ == capacity_) reserve(arena, capacity_ == 0 ? 8 : capacity_ * 2);
    items_[size_++] = item;
  }
  void reserve(Arena& arena, size_t capacity) {
    if (capacity <= capacity_) return;
    T* bigger = static_cast<T*>(arena.allocate(capacity * sizeof(T), alignof(T)));
    for (size_t i = 0; i < size_; ++i) bigger[i] = items_[i];
    items_ = bigger;
    capacity_ = capacity;
  }
  void clear() { size_ = 0; }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t i) { return items_[i]; }
  const T& operator[](size_t i) const { return items_[i]; }
  T* begin() { return items_; }
  T* end() { return items_ + size_; }
  const T* begin() const { return items_; }
  const T* end() const { return items_ + size_; }

 private:
  T* items_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace ldseal
