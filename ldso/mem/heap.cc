// Blocks of a size class are cut from chunks; a list for each class keeps those that were given
// back. A larger block is a separate mapping. Chunks are never given back, so the heap is as
// large as the most that was ever in use of each class.
#include "ldso/mem/heap.h"

#include <linux/mman.h>

#include "ldso/mem/mapping.h"
#include "ldso/sys/kernel.h"
#include "ldso/sys/lock.h"

namespace ldseal {
namespace heap {
namespace {

constexpr size_t kSmallest = 32;
constexpr size_t kLargest = size_t{32} << 10;
constexpr size_t kClassCount = 21;  // 32, 48, 64, 96, … 32 KiB
constexpr size_t kChunk = size_t{128} << 10;

struct FreeBlock {
  FreeBlock* next;
};

// fork(2) copies it at any moment, and waits for no thread: after every single store it is in
// order.
struct State {
  Lock lock;
  FreeBlock* free[kClassCount];
  uintptr_t next;  // the rest of the current chunk
  uintptr_t end;
};
constinit State state = {};

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
static_assert(size_of_class(kClassCount - 1) == kLargest);

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

Address new_pages(size_t size, size_t alignment) {
  constexpr size_t kSmallestPage = size_t{4} << 10;
  constexpr PageSize kAnyPage{1};
  bool is_wide = alignment > kSmallestPage;
  Result<Mapping> pages = is_wide ? Mapping::reserve(whole(size), alignment, kAnyPage)
                                  : Mapping::anonymous(whole(size));
  if (!pages) return Address(0);
  if (is_wide && !change_protection(pages->range(), PROT_READ | PROT_WRITE)) return Address(0);
  return std::move(*pages).keep_forever().start;
}

// The caller holds the lock.
void* cut(size_t size) {
  size_t alignment = is_power_of_two(size) ? size : kUsualAlignment;
  uintptr_t start = round_up(state.next, alignment);
  if (state.next == 0 || start > state.end || size > state.end - start) {
    Address chunk = new_pages(kChunk, kUsualAlignment);
    if (chunk.value == 0) return nullptr;
    commit(state.next, uintptr_t{0});  // nothing is left, until both ends are known
    commit(state.end, chunk.value + kChunk);
    start = round_up(chunk.value, alignment);
  }
  commit(state.next, start + size);
  return reinterpret_cast<void*>(start);
}

}  // namespace

// A caller that holds the lock already is a signal handler, in the middle of one of these
// functions: it touches nothing of theirs.
void* allocate(size_t size, size_t alignment) {
  if (!has_class(size, alignment)) return new_pages(size, alignment).as<void>();
  size_t index = class_for(size, alignment);
  if (state.lock.is_mine()) return new_pages(size_of_class(index), alignment).as<void>();
  state.lock.lock();
  FreeBlock* block = state.free[index];
  if (block == nullptr) {
    void* fresh = cut(size_of_class(index));
    state.lock.unlock();
    return fresh;
  }
  commit(state.free[index], block->next);
  state.lock.unlock();
  __builtin_memset(block, 0, size_of_class(index));
  return block;
}

void release(void* memory, size_t size, size_t alignment) {
  if (memory == nullptr) return;
  if (!has_class(size, alignment)) {
    kernel::unmap(Address(memory), whole(size));
    return;
  }
  auto* block = static_cast<FreeBlock*>(memory);
  size_t index = class_for(size, alignment);
  if (state.lock.is_mine()) return;  // lost: there is no harm in that
  LockGuard held(state.lock);
  block->next = state.free[index];
  commit(state.free[index], block);
}

void resume_in_child() { state.lock.forget_other_holder(); }

}  // namespace heap

void* TemporaryArena::more_pages(Arena& arena, size_t least, size_t& given) {
  constexpr size_t kUsualPiece = size_t{2} << 10;
  auto& self = static_cast<TemporaryArena&>(arena);
  size_t size = least + sizeof(Chunk);
  if (size < kUsualPiece) size = kUsualPiece;
  auto* chunk = static_cast<Chunk*>(heap::allocate(size));
  if (chunk == nullptr) die_out_of_memory();
  *chunk = {self.chunks_, size};
  self.chunks_ = chunk;
  given = size - sizeof(Chunk);
  return chunk + 1;
}

TemporaryArena::~TemporaryArena() {
  for (Chunk* chunk = chunks_; chunk != nullptr;) {
    Chunk* next = chunk->next;
    heap::release(chunk, chunk->size);
    chunk = next;
  }
}

}  // namespace ldseal
