// The layout of thread-local storage (ELF Handling For Thread-Local Storage). A thread's static
// block holds the TLS of the start-up modules, the program's next to the thread pointer; then come
// ThreadArea and the surplus for initial-exec TLS of dlopened objects.
#pragma once

#include <span>

#include "ldso/base/result.h"
#include "ldso/elf/relocation.h"
#include "ldso/image/module.h"

namespace ldseal {

struct ThreadRecord;  // threads/thread_record.h

// Heap memory that is released when its thread ends. It begins with its whole size.
struct ThreadMemory {
  size_t size;
};

// How many dlopened modules have their pointer in the static block. Further ones use a table.
constexpr size_t kTlsSlots = 32;

// ld-seal's part of every thread's static block, the DTV of the TLS literature. It is all zero in a
// new thread. arch/<m>/tls.S reads the first two members and the slots.
struct ThreadArea {
  // The blocks of the dlopened modules, by opened_id; null if this thread has not used one.
  void** blocks;
  uint64_t block_count;  // how many pointers `blocks` holds
  ThreadRecord* record;
  ThreadMemory* dlerror_state;  // dl/dlerror.h
  uint64_t mask_before_fork;    // dl/fork.cc
  // The first of `blocks`; exists only if there is room for dlopened modules.
  void* slots[kTlsSlots];
};

// Wide enough for Debian's libjemalloc.so.2, which has 2,632 bytes. A process may ask for more of
// it.
constexpr ByteCount kTlsSurplus{2816};
constexpr ByteCount kMostTlsSurplus{64 << 10};
constexpr uint64_t kTlsSurplusAlignment = 64;

// Is there room for the TLS of dlopened modules? Without it initial-exec TLS is refused, and access
// to other TLS is slower.
enum class TlsRoom : uint8_t { kNone, kForOpened };

struct TlsLayout {
  ByteCount size;          // size of the whole block
  uint64_t alignment = 1;  // alignment of the thread pointer
  int64_t start = 0;       // from the thread pointer to the block
  int64_t words = 0;       // from the thread pointer to ThreadArea
  int64_t surplus = 0;     // from the thread pointer to the surplus
  TlsRoom room = TlsRoom::kForOpened;
  ByteCount more_surplus;  // than kTlsSurplus
};

// Gives each module that is ours its `tls.offset`, the program first. `header` is what stands
// between the thread pointer and a block above it. With room for opened modules the surplus has
// `more_surplus` bytes more, as far as kMostTlsSurplus allows.
Result<TlsLayout> lay_out_tls(std::span<Module* const> modules, TlsVariant variant, uint64_t header,
                              TlsRoom room, ByteCount more_surplus = ByteCount(0));

// Does one of these objects refer to a function that opens objects, as dlopen?
bool may_open_objects(std::span<Module* const> modules);

// The same for a program without libraries that has the TLS block `block`.
TlsLayout lay_out_alone(TlsBlock& block, TlsVariant variant, uint64_t header);

// Copies a module's initial TLS image, with its present contents, into a thread's block.
void copy_tls_image(const TlsBlock& own, LoadBias bias, const TlsLayout& layout, Address block);
// Copies the initial TLS images of all these modules, with their present contents, into a thread's
// block.
void copy_tls_images(std::span<Module* const> modules, const TlsLayout& layout, Address block);

// Returns the first word of the argument of __tls_get_addr, which names the module. It is a small
// number, because the runtimes of sanitizers use it as an index. Start-up modules come first in
// their order. Programs see it as dlpi_tls_modid.
constexpr uint64_t module_word(const Module& m, uint64_t start_up_modules) {
  return m.tls.opened_id == 0 ? m.position + 1 : start_up_modules + 1 + m.tls.opened_id;
}

// The second word of a TLS descriptor of a dlopened module: its id in the upper bits, the signed
// offset in its block in the lower ones.
constexpr unsigned kDescriptorOffsetBits = 40;
constexpr uint32_t kMostOpenedIds = uint32_t{1} << (64 - kDescriptorOffsetBits);
constexpr bool fits_descriptor(uint64_t offset) {
  auto value = static_cast<int64_t>(offset);
  constexpr int64_t kLimit = int64_t{1} << (kDescriptorOffsetBits - 1);
  return -kLimit <= value && value < kLimit;
}
constexpr uint64_t descriptor_argument(uint32_t opened_id, uint64_t offset) {
  constexpr uint64_t kMask = (uint64_t{1} << kDescriptorOffsetBits) - 1;
  return uint64_t{opened_id} << kDescriptorOffsetBits | (offset & kMask);
}
constexpr uint32_t descriptor_id(uint64_t argument) {
  return static_cast<uint32_t>(argument >> kDescriptorOffsetBits);
}
constexpr uint64_t descriptor_offset(uint64_t argument) {
  constexpr unsigned kAbove = 64 - kDescriptorOffsetBits;
  return static_cast<uint64_t>(static_cast<int64_t>(argument << kAbove) >> kAbove);
}

}  // namespace ldseal
