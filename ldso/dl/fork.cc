// fork(2) does not wait for our locks: a constructor, a walk over the objects or a signal handler
// may hold them for long, or may itself wait for the child. It waits for a ListChange alone, which
// is short. All else is in order after every single store, so the child makes the locks new that
// other threads hold, and goes on; what those threads were about to publish is lost.
#include "ldso/dl/fork.h"

#include "ldso/dl/opened.h"
#include "ldso/mem/heap.h"
#include "ldso/mem/records.h"
#include "ldso/process/libc_threads.h"
#include "ldso/process/process.h"
#include "ldso/seal/final_code.h"
#include "ldso/sys/signals.h"
#include "ldso/threads/threads.h"

namespace ldseal {
namespace {

constinit bool is_following = false;

// The signals of the thread that forks, as they were before; it alone holds the lock.
constinit uint64_t mask_before_fork = 0;

// No handler runs until libc has forked: it might fork, too.
void before_fork() {
  uint64_t mask = kernel::block_signals();
  change_lock.lock();
  mask_before_fork = mask;
}

void after_fork() {
  uint64_t mask = mask_before_fork;
  change_lock.unlock();
  kernel::set_signal_mask(mask);
}

// A thread that is not here was about to take objects away: the next dlclose does it.
void end_collecting_of_others() {
  if (!dl_lock.is_mine()) dl_progress.is_collecting = false;
}

// What this thread itself holds it goes on with, once a signal handler that has forked returns.
void after_fork_in_child() {
  end_collecting_of_others();
  dl_lock.forget_other_holder();
  list_lock.forget_other_holder();
  forget_record_changes_of_others();
  heap.resume_in_child();
  record_heap.resume_in_child();
  resume_threads_in_child();
  forget_other_users_of_thread_functions();
  make_code_final_in_child(process.policy);
  after_fork();
}

}  // namespace

void follow_forks() {
  if (__atomic_exchange_n(&is_following, true, __ATOMIC_RELAXED)) return;
  SignalsBlocked no_handler;  // which might fork, while libc holds the lock of its list
  using Handler = void (*)();
  void* const never_unloaded = nullptr;
  if (Address glibcs = libc_function("__register_atfork"); glibcs.value != 0) {
    using Register = int (*)(Handler, Handler, Handler, void*);
    reinterpret_cast<Register>(glibcs.value)(before_fork, after_fork, after_fork_in_child,
                                             never_unloaded);
  } else if (Address musls = libc_function("pthread_atfork"); musls.value != 0) {
    using Register = int (*)(Handler, Handler, Handler);
    reinterpret_cast<Register>(musls.value)(before_fork, after_fork, after_fork_in_child);
  }
}

}  // namespace ldseal
