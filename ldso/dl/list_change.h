// Changing the lists of objects: what publishes objects and what takes them away does it between
// the beginning and the end of a ListChange. It is short: it calls no foreign code, and no signal
// handler of its thread runs in between, so a handler never finds a list that is half changed.
//
// fork(2) does not wait for it, because the thread that forks may be waited for: it takes locks of
// libc's and of the program's, which the thread that changes the lists may hold. Instead the child
// completes a change of another thread. The change says of which kind it is before it begins.
#pragma once

#include "ldso/dl/opened.h"
#include "ldso/sys/signals.h"

namespace ldseal {

class [[nodiscard]] ListChange {
 public:
  explicit ListChange(ChangeOfLists kind) {
    __atomic_store(&dlopened.change, &kind, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);  // before any store of the change
  }
  ~ListChange() {
    ChangeOfLists none = ChangeOfLists::kNone;
    __atomic_store(&dlopened.change, &none, __ATOMIC_RELEASE);
  }
  ListChange(const ListChange&) = delete;
  ListChange& operator=(const ListChange&) = delete;

 private:
  // In this order: a walk over the lists may take long.
  LockGuard<RecursiveLock> no_walk_{list_lock};
  SignalsBlocked no_handler_;
};

// Takes the objects with is_leaving out of the lists of objects, and makes the others refer to them
// no more. It may be called again where it was interrupted.
void take_out_of_lists();

// In the child of fork(2), if another thread was changing the lists: an addition is whole or was
// not begun, and a removal is done to its end.
void complete_list_change();

}  // namespace ldseal
