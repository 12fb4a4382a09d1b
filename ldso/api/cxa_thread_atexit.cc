// __cxa_thread_atexit_impl (Itanium C++ ABI, in glibc's form). libc runs the destructors when the
// thread ends, but can keep only objects loaded that it knows. A dlopened object stays as long as
// its count of pending destructors is not 0.
#include "ldso/abi/exports.h"
#include "ldso/dl/opened.h"
#include "ldso/mem/heap.h"
#include "ldso/mem/mapping.h"
#include "ldso/process/process.h"

using namespace ldseal;

namespace ldseal {
namespace {

using Destructor = void (*)(void*);
using Register = int (*)(Destructor, void* argument, void* object);

struct Pending {
  Destructor destructor;
  void* argument;
  DlopenState* opened;
};

void run_pending(void* record) {
  Pending pending = *static_cast<Pending*>(record);
  heap::release(record, sizeof(Pending), alignof(Pending));
  pending.destructor(pending.argument);
  __atomic_sub_fetch(&pending.opened->pending_thread_destructors, 1, __ATOMIC_RELEASE);
}

// The dlopened object that contains `address`, after adding one to its count; null if no dlopened
// object contains it.
DlopenState* count_pending(const void* address) {
  ModuleEntry entry;
  if (!module_table.find(Address(address), entry)) return nullptr;
  LockGuard guard(dlopened.dl_lock);
  Module* m = object_at(Address(address));
  if (m == nullptr || m->dlopen_state == nullptr) return nullptr;
  __atomic_add_fetch(&m->dlopen_state->pending_thread_destructors, 1, __ATOMIC_RELAXED);
  return m->dlopen_state;
}

}  // namespace
}  // namespace ldseal

int __cxa_thread_atexit_impl(void (*destructor)(void*), void* argument, void* object) {
  constexpr int kFailed = -1;
  auto enter = reinterpret_cast<Register>(libc_function("__cxa_thread_atexit_impl").value);
  if (enter == nullptr) return kFailed;
  DlopenState* opened = count_pending(object);
  if (opened == nullptr) return enter(destructor, argument, object);
  void* memory = heap::allocate(sizeof(Pending), alignof(Pending));
  if (memory == nullptr) die_out_of_memory();
  return enter(run_pending, new (memory) Pending{destructor, argument, opened}, object);
}
