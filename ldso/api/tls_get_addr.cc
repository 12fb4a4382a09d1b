// __tls_get_addr (ELF Handling For Thread-Local Storage). Code of the general-dynamic and
// local-dynamic models calls it.
#include "arch/native.h"
#include "ldso/abi/exports.h"
#include "ldso/threads/dynamic_tls.h"
#include "ldso/threads/tls_modules.h"

using namespace ldseal;

static void* at(void* block, uint64_t offset) {
  return reinterpret_cast<char*>(reinterpret_cast<uintptr_t>(block) + offset);
}

// Programs call this often: its short way lies in one cache line.
[[gnu::aligned(64)]] void* __tls_get_addr(const TlsIndex* index) {
  uint64_t word = index->module, offset = index->offset + Native::kDtpBias;
  uintptr_t pointer = thread_pointer();
  uint64_t id = word - module_words.first_opened;  // wraps for a start-up module
  if (id < kTlsSlots) [[likely]] {
    uintptr_t slot = pointer + static_cast<uintptr_t>(module_words.slots) + word * sizeof(void*);
    if (void* block = *reinterpret_cast<void**>(slot)) [[likely]]
      return at(block, offset);
    return tls_address_slowly(word, offset);
  }
  if (word <= module_words.start_up_modules)
    return reinterpret_cast<void*>(
        pointer + static_cast<uint64_t>(module_words.start_up_offsets[word]) + offset);
  const ThreadArea& area = area_at(pointer);
  if (id < area.block_count && area.blocks[id] != nullptr) return at(area.blocks[id], offset);
  return tls_address_slowly(word, offset);
}
