// A waiter marks the word before it sleeps, so that the thread that unlocks knows that it must wake
// somebody (the three-state mutex of Drepper's "Futexes Are Tricky").
#include "ldso/sys/lock.h"

#include "arch/native.h"
#include "ldso/sys/kernel.h"

namespace ldseal {

void Lock::wait_and_lock() {
  while (__atomic_exchange_n(&word_, kHeldWithWaiters, __ATOMIC_ACQUIRE) != kFree)
    kernel::futex_wait(&word_, kHeldWithWaiters);
}

void Lock::wake_one() { kernel::futex_wake(&word_, 1); }

void RecursiveLock::lock() {
  uintptr_t self = thread_pointer();
  // Only this thread can have written its own identity there.
  if (__atomic_load_n(&owner_, __ATOMIC_RELAXED) != self) {
    lock_.lock();
    __atomic_store_n(&owner_, self, __ATOMIC_RELAXED);
  }
  ++depth_;
}

void RecursiveLock::unlock() {
  if (--depth_ != 0) return;
  __atomic_store_n(&owner_, 0, __ATOMIC_RELAXED);
  lock_.unlock();
}

}  // namespace ldseal
