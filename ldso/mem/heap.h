// Memory that can be given back. There are two heaps: one for the records of what dlopen makes and
// dlclose ends (records.h), and one for what may change at any time, threads' dynamic TLS blocks
// among it. Neither is the program's malloc, which may be interposed, and may itself have called
// us. The caller remembers sizes.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

#include "ldso/base/arena.h"
#include "ldso/sys/lock.h"

namespace ldseal {

constexpr size_t kUsualAlignment = 16;

class Heap {
 public:
  constexpr Heap() = default;
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  // Returns zeroed memory; null if the kernel has none.
  void* allocate(size_t size, size_t alignment = kUsualAlignment);
  // `size` and `alignment` must be those of the allocation. `memory` may be null.
  void release(void* memory, size_t size, size_t alignment = kUsualAlignment);

  // In the child of fork(2), where no other thread changes the heap.
  void resume_in_child();

 private:
  struct FreeBlock {
    FreeBlock* next;
  };
  static constexpr size_t kClassCount = 21;  // 32, 48, 64, 96, … 32 KiB

  bool is_for_records() const;
  Address new_pages(size_t size, size_t alignment) const;
  void unmap(Address start, size_t size) const;
  AddressRange new_chunk();
  void* cut(size_t size);

  // fork(2) copies it at any moment, and waits for no thread: after every single store it is in
  // order.
  Lock lock_;
  FreeBlock* free_[kClassCount] = {};
  uintptr_t next_ = 0;  // the rest of the current chunk
  uintptr_t end_ = 0;
};

// For what may change at any time: nothing in it may steer ld-seal.
extern Heap heap;
// For records. While it is used, a RecordChange must exist.
extern Heap record_heap;

// An array that grows in the record heap. Its owner gives it back with `release`. A child of
// fork(2) finds it in order at any moment, but in the middle of `remove_if`: then elements that
// stay may be in it twice, and the first ones are in order.
template <class T>
class RecordList {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  constexpr RecordList() = default;

  // Returns false if there is no memory.
  [[nodiscard]] bool reserve(size_t capacity) {
    if (capacity <= capacity_) return true;
    size_t wanted = capacity_ == 0 ? 8 : capacity_ * 2;
    if (wanted < capacity) wanted = capacity;
    auto* bigger = static_cast<T*>(record_heap.allocate(wanted * sizeof(T), alignof(T)));
    if (bigger == nullptr) return false;
    for (size_t i = 0; i < size_; ++i) bigger[i] = items_[i];
    T* before = items_;
    size_t capacity_before = capacity_;
    __atomic_store_n(&items_, bigger, __ATOMIC_RELEASE);
    capacity_ = wanted;
    record_heap.release(before, capacity_before * sizeof(T), alignof(T));
    return true;
  }
  [[nodiscard]] bool add(const T& item) {
    if (!reserve(size_ + 1)) return false;
    items_[size_] = item;
    __atomic_store_n(&size_, size_ + 1, __ATOMIC_RELEASE);
    return true;
  }
  // All of them or, if there is no memory, none.
  [[nodiscard]] bool add_all(std::span<const T> items) {
    if (!reserve(size_ + items.size())) return false;
    for (size_t i = 0; i < items.size(); ++i) items_[size_ + i] = items[i];
    __atomic_store_n(&size_, size_ + items.size(), __ATOMIC_RELEASE);
    return true;
  }
  // Removes the elements that `unwanted` accepts. The others keep their order.
  template <class Predicate>
  void remove_if(Predicate unwanted) {
    size_t kept = 0;
    for (size_t i = 0; i < size_; ++i) {
      if (!unwanted(items_[i])) items_[kept++] = items_[i];
    }
    __atomic_store_n(&size_, kept, __ATOMIC_RELEASE);
  }
  // Of equal elements only the first one stays.
  void remove_repeated() {
    size_t kept = 0;
    remove_if([&](const T& item) {
      bool is_known = false;
      for (size_t i = 0; i < kept && !is_known; ++i) is_known = items_[i] == item;
      kept += is_known ? 0 : 1;
      return is_known;
    });
  }
  void release() {
    record_heap.release(items_, capacity_ * sizeof(T), alignof(T));
    *this = RecordList();
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

// An Arena over a heap; all its memory is given back at once. If there is no memory the process
// ends, as with any Arena.
class ArenaInHeap : public Arena {
 public:
  explicit ArenaInHeap(Heap& from) : Arena(more_pages), heap_(from) {}
  ~ArenaInHeap();

 private:
  struct Chunk {
    Chunk* next;
    size_t size;
  };
  static void* more_pages(Arena& arena, size_t least, size_t& given);
  Heap& heap_;
  Chunk* chunks_ = nullptr;
};

class TemporaryArena : public ArenaInHeap {
 public:
  TemporaryArena() : ArenaInHeap(heap) {}
};

}  // namespace ldseal
