// __cxa_thread_atexit_impl (Itanium C++ ABI, in glibc's form). libc runs the destructors when the
// thread ends, but can keep only objects loaded that it knows. A dlopened object stays as long as
// its count of pending destructors is not 0.
#include "ldso/abi/exports.h"
#include "ldso/dl/opened.h"
#include "ldso/process/process.h"

using namespace ldseal;

namespace ldseal {
namespace {

using Destructor = void (*)(void*);
using Register = int (*)(Destructor, void* argument, void* object);

void count_down(void* pending) {
  __atomic_sub_fetch(static_cast<size_t*>(pending), 1, __ATOMIC_RELEASE);
}

// The count of the dlopened object that contains `address`, after adding one to it; null if no
// dlopened object contains it.
size_t* count_pending(const void* address) {
  ModuleEntry entry;
  if (!module_table.find(Address(address), entry)) return nullptr;
  LockGuard guard(dl_lock);
  Module* m = object_at(Address(address));
  if (m == nullptr || m->dlopen_state == nullptr) return nullptr;
  size_t* pending = &m->dlopen_state->life->pending_thread_destructors;
  __atomic_add_fetch(pending, 1, __ATOMIC_RELAXED);
  return pending;
}

}  // namespace
}  // namespace ldseal

int __cxa_thread_atexit_impl(void (*destructor)(void*), void* argument, void* object) {
  constexpr int kFailed = -1;
  auto enter = reinterpret_cast<Register>(libc_function("__cxa_thread_atexit_impl").value);
  if (enter == nullptr) return kFailed;
  // libc runs the last one first: the count goes down when the destructor has run.
  size_t* pending = count_pending(object);
  if (pending != nullptr && enter(count_down, pending, object) != 0) {
    count_down(pending);
    return kFailed;
  }
  return enter(destructor, argument, object);
}
