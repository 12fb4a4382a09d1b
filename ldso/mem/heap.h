// Memory that can be given back: for what dlopen makes and dlclose ends, and for threads' dynamic
// TLS blocks. This is not the program's malloc, which may be interposed, and may itself have called
// us. The caller remembers sizes.
#pragma once

#include <cstddef>
#include <type_traits>

#include "ldso/base/arena.h"

namespace ldseal {
namespace heap {

constexpr size_t kUsualAlignment = 16;

// Returns zeroed memory; null if the kernel has none.
void* allocate(size_t size, size_t alignment = kUsualAlignment);
// `size` and `alignment` must be those of the allocation. `memory` may be null.
void release(void* memory, size_t size, size_t alignment = kUsualAlignment);

// In the child of fork(2), where no other thread changes the heap.
void resume_in_child();

}  // namespace heap

// An array that grows in the heap. Its owner gives it back with `release`. A child of fork(2)
// finds it in order at any moment, but for `remove_if`.
template <class T>
class HeapList {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  constexpr HeapList() = default;

  // Returns false if there is no memory.
  [[nodiscard]] bool reserve(size_t capacity) {
    if (capacity <= capacity_) return true;
    size_t wanted = capacity_ == 0 ? 8 : capacity_ * 2;
    if (wanted < capacity) wanted = capacity;
    auto* bigger = static_cast<T*>(heap::allocate(wanted * sizeof(T), alignof(T)));
    if (bigger == nullptr) return false;
    for (size_t i = 0; i < size_; ++i) bigger[i] = items_[i];
    T* before = items_;
    size_t capacity_before = capacity_;
    __atomic_store_n(&items_, bigger, __ATOMIC_RELEASE);
    capacity_ = wanted;
    heap::release(before, capacity_before * sizeof(T), alignof(T));
    return true;
  }
  [[nodiscard]] bool add(const T& item) {
    if (!reserve(size_ + 1)) return false;
    items_[size_] = item;
    __atomic_store_n(&size_, size_ + 1, __ATOMIC_RELEASE);
    return true;
  }
  // Removes the elements that `unwanted` accepts. The others keep their order.
  template <class Predicate>
  void remove_if(Predicate unwanted) {
    size_t kept = 0;
    for (size_t i = 0; i < size_; ++i) {
      if (!unwanted(items_[i])) items_[kept++] = items_[i];
    }
    size_ = kept;
  }
  void release() {
    heap::release(items_, capacity_ * sizeof(T), alignof(T));
    *this = HeapList();
  }

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

// An Arena over the heap; all its memory is given back at once. If there is no memory the process
// ends, as with any Arena.
class TemporaryArena : public Arena {
 public:
  TemporaryArena() : Arena(more_pages) {}
  ~TemporaryArena();

 private:
  struct Chunk {
    Chunk* next;
    size_t size;
  };
  static void* more_pages(Arena& arena, size_t least, size_t& given);
  Chunk* chunks_ = nullptr;
};

}  // namespace ldseal
