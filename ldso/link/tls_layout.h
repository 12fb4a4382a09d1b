// Where thread-local storage lies (ELF Handling For Thread-Local Storage): one static block for
// each thread with the start-up modules, the program's part where the linker of the program expects
// it; behind them, as the thread pointer sees it, a few words of ours and a surplus for
// initial-exec storage of objects that are opened later.
#pragma once

#include <span>

#include "ldso/base/result.h"
#include "ldso/elf/relocation.h"
#include "ldso/image/module.h"

namespace ldseal {

struct ThreadRecord;  // threads/thread_record.h

// Memory of the heap that goes back when its thread ends: it begins with its size, all of it.
struct ThreadMemory {
  size_t size;
};

// How many opened modules have a pointer of their own in the static block; those of more are in a
// table.
constexpr size_t kTlsSlots = 32;

// Ours in every thread's static block; all zero in a new thread. arch/<m>/tls.S reads the first two
// and the slots.
struct ThreadArea {
  void** blocks;  // of the opened modules, by opened_id; null where this thread has used none yet
  uint64_t block_count;  // how many pointers `blocks` holds
  ThreadRecord* record;
  ThreadMemory* dlerror_state;  // dl/dlerror.h
  void* slots[kTlsSlots];  // the first of `blocks`; only where there is room for opened modules
};

constexpr ByteCount kTlsSurplus{2048};
constexpr uint64_t kTlsSurplusAlignment = 64;

// Is there room for the storage of opened modules? Without it their initial-exec storage is
// refused, and access to the other storage is slower.
enum class TlsRoom : uint8_t { kNone, kForOpened };

struct TlsLayout {
  ByteCount size;          // of the whole block
  uint64_t alignment = 1;  // of the thread pointer
  int64_t start = 0;       // of the block from the thread pointer
  int64_t words = 0;       // of ThreadArea from the thread pointer
  int64_t surplus = 0;     // of the surplus from the thread pointer
  TlsRoom room = TlsRoom::kForOpened;
};

// Gives each module that is ours its `tls.offset`, the program first. `header` is what stands
// between the thread pointer and a block above it.
Result<TlsLayout> lay_out_tls(std::span<Module* const> modules, TlsVariant variant, uint64_t header,
                              TlsRoom room);

// Does one of these objects refer to a function by which objects are opened?
bool may_open_objects(std::span<Module* const> modules);

// The same for a program that is alone and has such a block.
TlsLayout lay_out_alone(TlsBlock& block, TlsVariant variant, uint64_t header);

// Copies a module's initial image, as it stands in memory now, into a block.
void copy_tls_image(const TlsBlock& own, LoadBias bias, const TlsLayout& layout, Address block);
// Copies the modules' initial images, as they stand in memory now, into a block.
void copy_tls_images(std::span<Module* const> modules, const TlsLayout& layout, Address block);

// The first word that __tls_get_addr is given, which names a module: a small number, because the
// sanitizers' run-times count them. Start-up modules come first, in their order; it is also the id
// that the process sees (dlpi_tls_modid).
constexpr uint64_t module_word(const Module& m, uint64_t start_up_modules) {
  return m.tls.opened_id == 0 ? m.position + 1 : start_up_modules + 1 + m.tls.opened_id;
}

// The second word of a TLS descriptor of an opened module: its id above, the offset in its block,
// signed, below.
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
