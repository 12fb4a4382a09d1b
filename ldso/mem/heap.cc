// Blocks of a size class are cut from chunks; a list for each class keeps those that were given
// back. A larger block is a separate mapping. Chunks are never given back, so a heap is as large as
// the most that was ever in use of each class.
#include "ldso/mem/heap.h"

#include <linux/mman.h>

#include "ldso/base/lifetime.h"
#include "ldso/mem/mapping.h"
#include "ldso/mem/records.h"
#include "ldso/sys/kernel.h"

namespace ldseal {

constinit Heap heap;
LDSEAL_RECORD constinit Heap record_heap;

namespace {

constexpr size_t kSmallest = 32;
constexpr size_t kLargest = size_t{32} << 10;
constexpr size_t kChunk = size_t{128} << 10;

// Not before anything that was stored earlier.
template <class T>
void commit(T& where, T value) {
  __atomic_store_n(&where, value, __ATOMIC_RELEASE);
}

// There are two classes for each power of two: the power itself, and one and a half times it.
constexpr size_t size_of_class(size_t index) {
  size_t power = kSmallest << (index / 2);
  return index % 2 == 0 ? power : power + power / 2;
}

// A block whose class is a power of two is aligned to its own size.
size_t class_for(size_t size, size_t alignment) {
  size_t index = 0;
  bool needs_power = alignment > kUsualAlignment;
  size_t least = needs_power && size < alignment ? alignment : size;
  while (size_of_class(index) < least) ++index;
  return needs_power ? (index + 1) / 2 * 2 : index;
}

bool has_class(size_t size, size_t alignment) { return size <= kLargest && alignment <= kLargest; }

ByteCount whole(size_t size) {
  constexpr size_t kLargestPage = size_t{64} << 10;
  return ByteCount(round_up(size, kLargestPage));
}

Address map(ByteCount length, size_t alignment) {
  constexpr size_t kSmallestPage = size_t{4} << 10;
  constexpr PageSize kAnyPage{1};
  bool is_wide = alignment > kSmallestPage;
  Result<Mapping> pages =
      is_wide ? Mapping::reserve(length, alignment, kAnyPage) : Mapping::anonymous(length);
  if (!pages) return Address(0);
  if (is_wide && !change_protection(pages->range(), PROT_READ | PROT_WRITE)) return Address(0);
  return std::move(*pages).keep_forever().start;
}

}  // namespace

bool Heap::is_for_records() const { return this == &record_heap; }

// Records need no wide alignment.
Address Heap::new_pages(size_t size, size_t alignment) const {
  if (!is_for_records()) return map(whole(size), alignment);
  ByteCount length = whole(size + kRecordRegionHeader.value);
  Address start = map(length, kUsualAlignment);
  if (start.value == 0) return start;
  add_record_pages({start, start + length});
  return start + kRecordRegionHeader;
}

void Heap::unmap(Address start, size_t size) const {
  if (!is_for_records()) {
    kernel::unmap(start, whole(size));
    return;
  }
  Address region = start - kRecordRegionHeader;
  remove_record_pages(region);
  kernel::unmap(region, whole(size + kRecordRegionHeader.value));
}

// The first one of records is in ld-seal's image: what start-up has left of it.
AddressRange Heap::new_chunk() {
  if (is_for_records() && end_ == 0) {
    AddressRange rest = take_record_memory(ByteCount(0));
    if (rest.length().value > kLargest) return rest;
  }
  size_t size = is_for_records() ? kChunk - kRecordRegionHeader.value : kChunk;
  Address start = new_pages(size, kUsualAlignment);
  return {start, start.value == 0 ? start : start + ByteCount(size)};
}

// The caller holds the lock.
void* Heap::cut(size_t size) {
  size_t alignment = is_power_of_two(size) ? size : kUsualAlignment;
  uintptr_t start = round_up(next_, alignment);
  if (next_ == 0 || start > end_ || size > end_ - start) {
    AddressRange chunk = new_chunk();
    if (chunk.empty()) return nullptr;
    commit(next_, uintptr_t{0});  // nothing is left, until both ends are known
    commit(end_, chunk.end.value);
    start = round_up(chunk.start.value, alignment);
  }
  commit(next_, start + size);
  return reinterpret_cast<void*>(start);
}

// A caller that holds the lock already is a signal handler, in the middle of one of these
// functions: it touches nothing of theirs.
void* Heap::allocate(size_t size, size_t alignment) {
  static_assert(size_of_class(kClassCount - 1) == kLargest);
  if (!has_class(size, alignment)) return new_pages(size, alignment).as<void>();
  size_t index = class_for(size, alignment);
  if (lock_.is_mine()) return new_pages(size_of_class(index), alignment).as<void>();
  lock_.lock();
  FreeBlock* block = free_[index];
  if (block == nullptr) {
    void* fresh = cut(size_of_class(index));
    lock_.unlock();
    return fresh;
  }
  commit(free_[index], block->next);
  lock_.unlock();
  block->next = nullptr;
  return block;
}

// Nothing is left of what a block held: that might have been addresses of code.
void Heap::release(void* memory, size_t size, size_t alignment) {
  if (memory == nullptr) return;
  if (!has_class(size, alignment)) return unmap(Address(memory), size);
  size_t index = class_for(size, alignment);
  __builtin_memset(memory, 0, size_of_class(index));
  if (lock_.is_mine()) return;  // lost: there is no harm in that
  auto* block = static_cast<FreeBlock*>(memory);
  LockGuard held(lock_);
  block->next = free_[index];
  commit(free_[index], block);
}

void Heap::resume_in_child() {
  if (!lock_.is_held_by_other()) return;
  RecordChange change;
  lock_.forget_other_holder();
}

void* ArenaInHeap::more_pages(Arena& arena, size_t least, size_t& given) {
  constexpr size_t kUsualPiece = size_t{2} << 10;
  auto& self = static_cast<ArenaInHeap&>(arena);
  size_t size = least + sizeof(Chunk);
  if (size < kUsualPiece) size = kUsualPiece;
  auto* chunk = static_cast<Chunk*>(self.heap_.allocate(size));
  if (chunk == nullptr) die_out_of_memory();
  *chunk = {self.chunks_, size};
  self.chunks_ = chunk;
  given = size - sizeof(Chunk);
  return chunk + 1;
}

ArenaInHeap::~ArenaInHeap() {
  for (Chunk* chunk = chunks_; chunk != nullptr;) {
    Chunk* next = chunk->next;
    heap_.release(chunk, chunk->size);
    chunk = next;
  }
}

}  // namespace ldseal
