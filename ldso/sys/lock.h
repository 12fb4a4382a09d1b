// Mutual exclusion over futex(2), without a libc. Without contention neither locking nor unlocking
// makes a system call.
#pragma once

#include <cstdint>

namespace ldseal {

// One thread holds it at a time. The holder must not lock it again.
class Lock {
 public:
  constexpr Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  void lock() {
    uint32_t expected = kFree;
    if (!__atomic_compare_exchange_n(&word_, &expected, kHeld, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED))
      wait_and_lock();
  }
  void unlock() {
    if (__atomic_exchange_n(&word_, kFree, __ATOMIC_RELEASE) == kHeldWithWaiters) wake_one();
  }

 private:
  static constexpr uint32_t kFree = 0, kHeld = 1, kHeldWithWaiters = 2;
  void wait_and_lock();
  void wake_one();

  uint32_t word_ = kFree;
};

// The holder may lock it again; it is free after as many unlocks. A thread is identified by its
// thread pointer, which stays the same in a child of fork(2).
class RecursiveLock {
 public:
  constexpr RecursiveLock() = default;
  void lock();
  void unlock();

 private:
  Lock lock_;
  uintptr_t owner_ = 0;
  uint32_t depth_ = 0;
};

template <class AnyLock>
class [[nodiscard]] LockGuard {
 public:
  explicit LockGuard(AnyLock& lock) : lock_(lock) { lock_.lock(); }
  ~LockGuard() { lock_.unlock(); }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

 private:
  AnyLock& lock_;
};

}  // namespace ldseal
