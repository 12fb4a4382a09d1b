// fork(2) does not wait for our locks: a constructor, a walk over the objects or a signal handler
// may hold them for long, or may itself wait for the child; and who holds one may wait for a lock
// that libc's fork or a fork handler of the program holds. All is in order after every single
// store, or the child completes it (dl/list_change.h). So the child makes the locks new that other
// threads hold, and goes on; what those threads were about to publish is lost.
#include "ldso/dl/fork.h"

#include "ldso/dl/list_change.h"
#include "ldso/mem/heap.h"
#include "ldso/mem/records.h"
#include "ldso/process/libc_threads.h"
#include "ldso/process/process.h"
#include "ldso/seal/final_code.h"
#include "ldso/sys/signals.h"
#include "ldso/threads/thread_record.h"
#include "ldso/threads/threads.h"

namespace ldseal {
namespace {

constinit bool is_following = false;

// From here on no handler runs in the thread that forks: in the child it might need a lock that is
// not made new yet.
void before_fork() { thread_area().mask_before_fork = kernel::block_signals_of_programs(); }

void after_fork() { kernel::set_signal_mask(thread_area().mask_before_fork); }

// What another thread, which is not here, was about to do to the lists. A dlclose of another thread
// that was about to take objects away is done by the next one.
void complete_changes_of_others() {
  bool collects = dl_progress.is_collecting && !dl_lock.is_mine();
  if (!collects && dlopened.change == ChangeOfLists::kNone) return;
  RecordChange writable;
  complete_list_change();
  if (!collects) return;
  dl_progress.is_collecting = false;
  for (const Module* m : dlopened.modules) m->dlopen_state->is_leaving = false;
}

// What this thread itself holds it goes on with, once a signal handler that has forked returns.
void after_fork_in_child() {
  forget_record_changes_of_others();
  complete_changes_of_others();
  dl_lock.forget_other_holder();
  list_lock.forget_other_holder();
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
