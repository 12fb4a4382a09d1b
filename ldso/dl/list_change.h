// Changing the lists of objects: what publishes objects and what takes them away does it between
// the beginning and the end of a ListChange. It is short: it calls no foreign code, it waits for
// nothing, no signal handler runs in between. So fork(2), which waits for it alone, never waits
// long, and a handler never finds a list that is half changed.
#pragma once

#include "ldso/dl/opened.h"
#include "ldso/sys/signals.h"

namespace ldseal {

class [[nodiscard]] ListChange {
 public:
  ListChange() = default;

 private:
  // In this order: a walk over the lists may take long.
  LockGuard<RecursiveLock> no_walk_{list_lock};
  SignalsBlocked no_handler_;
  LockGuard<Lock> no_fork_{change_lock};
};

}  // namespace ldseal
