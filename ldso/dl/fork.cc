// The locks are taken in the order of the table in ldso/README.md, and released in the reverse
// order.
#include "ldso/dl/fork.h"

#include "ldso/dl/opened.h"
#include "ldso/mem/heap.h"
#include "ldso/process/process.h"
#include "ldso/threads/threads.h"

namespace ldseal {
namespace {

constinit bool is_following = false;

void before_fork() {
  dlopened.dl_lock.lock();
  dlopened.list_lock.lock();
  lock_threads_for_fork();
  heap::lock_for_fork();
}

void after_fork_in_parent() {
  heap::unlock_after_fork();
  unlock_threads_after_fork();
  dlopened.list_lock.unlock();
  dlopened.dl_lock.unlock();
}

void after_fork_in_child() {
  heap::unlock_after_fork();
  forget_other_threads();
  unlock_threads_after_fork();
  dlopened.list_lock.unlock();
  dlopened.dl_lock.unlock();
}

}  // namespace

void follow_forks() {
  if (__atomic_exchange_n(&is_following, true, __ATOMIC_RELAXED)) return;
  using Handler = void (*)();
  void* const never_unloaded = nullptr;
  if (Address glibcs = libc_function("__register_atfork"); glibcs.value != 0) {
    using Register = int (*)(Handler, Handler, Handler, void*);
    reinterpret_cast<Register>(glibcs.value)(before_fork, after_fork_in_parent, after_fork_in_child,
                                             never_unloaded);
  } else if (Address musls = libc_function("pthread_atfork"); musls.value != 0) {
    using Register = int (*)(Handler, Handler, Handler);
    reinterpret_cast<Register>(musls.value)(before_fork, after_fork_in_parent, after_fork_in_child);
  }
}

}  // namespace ldseal
