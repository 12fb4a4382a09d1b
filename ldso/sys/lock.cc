// A waiter marks the word before it sleeps, so that the thread that unlocks knows that it must wake
// one ("Futexes Are Tricky", Drepper: the three-state mutex). futex(2) compares half of the word,
// the one with the mark: a thread with the same half there holds the lock as well.
#include "ldso/sys/lock.h"

#include <bit>

#include "ldso/sys/kernel.h"

namespace ldseal {

static_assert(std::endian::native == std::endian::little);  // the mark is in the first half

void Lock::wait_and_lock() {
  const uint64_t mine = held_by_caller() | kHasWaiters;  // there may be more of them
  uint64_t seen = kFree;
  for (;;) {
    if (__atomic_compare_exchange_n(&word_, &seen, seen == kFree ? mine : seen | kHasWaiters, false,
                                    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
      if (seen == kFree) return;
      kernel::futex_wait(futex(), static_cast<uint32_t>(seen | kHasWaiters));
      seen = kFree;
    }
  }
}

void Lock::wake_one() { kernel::futex_wake(futex(), 1); }

}  // namespace ldseal
