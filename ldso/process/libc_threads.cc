// See libc_threads.h.
#include "ldso/process/libc_threads.h"

#include "ldso/base/lifetime.h"
#include "ldso/mem/records.h"
#include "ldso/process/libc_version.h"
#include "ldso/process/process.h"
#include "ldso/sys/lock.h"

namespace ldseal {
namespace {

// Guards `functions` until they are looked up. No other code runs under it.
constinit Lock lock;
LDSEAL_RECORD constinit bool is_known = false;
LDSEAL_RECORD constinit ThreadFunctions functions = {};

template <class Function>
void look_up(Function*& to, const char* name) {
  to = reinterpret_cast<Function*>(libc_function(name).value);
}

void look_up_all(ThreadFunctions& f) {
  look_up(f.create, "pthread_create");
  look_up(f.self, "pthread_self");
  look_up(f.attributes_of, "pthread_getattr_np");
  look_up(f.default_attributes, "pthread_getattr_default_np");
  look_up(f.destroy, "pthread_attr_destroy");
  look_up(f.get_stack, "pthread_attr_getstack");
  look_up(f.get_stack_size, "pthread_attr_getstacksize");
  look_up(f.get_guard_size, "pthread_attr_getguardsize");
  look_up(f.set_stack, "pthread_attr_setstack");
  look_up(f.set_stack_size, "pthread_attr_setstacksize");
  look_up(f.set_guard_size, "pthread_attr_setguardsize");
  look_up(f.static_tls, "_dl_get_tls_static_info");
}

}  // namespace

const ThreadFunctions& thread_functions() {
  if (__atomic_load_n(&is_known, __ATOMIC_ACQUIRE)) return functions;
  LockGuard held(lock);
  RecordChange change;
  look_up_all(functions);
  __atomic_store_n(&is_known, true, __ATOMIC_RELEASE);
  return functions;
}

void forget_other_users_of_thread_functions() { lock.forget_other_holder(); }

// glibc uses MADV_GUARD_INSTALL since version 2.42, and does not check that it has an effect.
bool libc_guards_by_mappings() { return !is_glibc_since(42); }

}  // namespace ldseal
