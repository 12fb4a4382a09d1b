// __tls_get_addr (ELF Handling For Thread-Local Storage). Code of the general-dynamic and
// local-dynamic models calls it.
#include "arch/native.h"
#include "ldso/abi/exports.h"
#include "ldso/threads/dynamic_tls.h"
#include "ldso/threads/tls_modules.h"

using namespace ldseal;

// The address in a block that a tls_index's offset means.
static void* at(uintptr_t block, uint64_t offset) {
  return reinterpret_cast<void*>(block + offset + Native::kDtpBias);
}

// Programs call this often: its short way lies in one cache line.
[[gnu::aligned(64)]] void* __tls_get_addr(const TlsIndex* index) {
  uint64_t word = index->module;
  uint64_t id = word - module_words.first_opened;  // wraps for a start-up module
  if (id < kTlsSlots) [[likely]] {
    if (uintptr_t block = thread_word(module_words.slots, word)) [[likely]]
      return at(block, index->offset);
  } else if (word <= module_words.start_up_modules) [[likely]] {
    auto offset = static_cast<uint64_t>(module_words.start_up_offsets[word]);
    return at(thread_pointer() + offset, index->offset);
  } else if (const ThreadArea& area = thread_area(); id < area.block_count) {
    if (void* block = area.blocks[id]) return at(reinterpret_cast<uintptr_t>(block), index->offset);
  }
  return tls_address_slowly(word, index->offset + Native::kDtpBias);
}
