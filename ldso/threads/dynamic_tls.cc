// See dynamic_tls.h.
#include "ldso/threads/dynamic_tls.h"

#include "arch/native.h"
#include "ldso/abi/link.h"
#include "ldso/process/process.h"
#include "ldso/sys/kernel.h"
#include "ldso/threads/threads.h"
#include "ldso/threads/tls_blocks.h"
#include "ldso/threads/tls_modules.h"

namespace ldseal {

// arch/<m>/tls.S uses these numbers.
static_assert(offsetof(ThreadArea, blocks) == 0 && offsetof(ThreadArea, block_count) == 8);
static_assert(offsetof(ThreadArea, slots) == 40 && kTlsSlots == 32);
static_assert(kDescriptorOffsetBits == 40);

namespace {

// Makes the calling thread's block of the opened module with this id and enters it in the thread's
// DTV.
void* make_block(uint64_t id) {
  ThreadRecord* record = current_record();
  if (record == nullptr) kernel::die("ld-seal: out of memory for thread-local storage\n");
  LockGuard held(threads_lock);
  const Module* m = tls_module(id);
  if (m == nullptr) kernel::die("ld-seal: thread-local storage of a closed object is used\n");
  if (!widen_table(*record, id)) kernel::die("ld-seal: out of memory for thread-local storage\n");
  void*& block = record->table->blocks()[id];
  if (block != nullptr) return block;  // a signal handler has made it meanwhile
  void* made = m->has_static_tls() ? static_block(*m, thread_pointer()).as<void>() : new_block(*m);
  if (made == nullptr) kernel::die("ld-seal: out of memory for thread-local storage\n");
  __atomic_store_n(&block, made, __ATOMIC_RELEASE);
  if (id < kTlsSlots) __atomic_store_n(&thread_area().slots[id], made, __ATOMIC_RELEASE);
  return made;
}

char* at(void* block, uint64_t offset) {
  return reinterpret_cast<char*>(reinterpret_cast<uintptr_t>(block) + offset);
}

// The address in an object that libc has loaded by itself; `word` is at least kLibcsIds. Null: no
// such libc.
void* address_in_libcs(uint64_t word, uint64_t offset) {
  using Query = void*(const TlsIndex*);
  auto* query = reinterpret_cast<Query*>(libc_function("__tls_get_addr").value);
  TlsIndex index{word - kLibcsIds, offset - Native::kDtpBias};
  return query == nullptr ? nullptr : query(&index);
}

}  // namespace

void set_up_dynamic_tls(const TlsLayout& layout, Arena& permanent) {
  set_up_tls_modules(layout, permanent);
  set_up_threads(layout);
}

// Makes a record of the calling thread first: publish_image() writes to the threads that have one.
void publish_tls(Module& m) {
  if (m.tls.opened_id == 0) return;
  current_record();
  publish_image(m);
}

void* tls_address(const Module& m, uint64_t offset) {
  void* block = tls_data(m);
  return at(block == nullptr ? make_block(m.tls.opened_id) : block, offset);
}

void* tls_address_slowly(uint64_t word, uint64_t offset) {
  if (word >= kLibcsIds) return address_in_libcs(word, offset);
  return at(make_block(word - module_words.first_opened), offset);
}

}  // namespace ldseal

using namespace ldseal;

// The slow path of a TLS descriptor's resolver: the offset of the variable from the thread pointer.
extern "C" uint64_t tls_offset_slowly(uint64_t argument) {
  void* block = make_block(descriptor_id(argument));
  return reinterpret_cast<uintptr_t>(block) + descriptor_offset(argument) - thread_pointer();
}
