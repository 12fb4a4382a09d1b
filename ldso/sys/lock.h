// Mutual exclusion over futex(2), without a libc: unlocking and locking without contention make no
// system call. The word of a lock names the thread that holds it, by its thread pointer, which a
// child of fork(2) keeps: so the child knows which locks it holds itself and which a lost thread
// held, and a signal handler knows which ones its thread holds.
#pragma once

#include <cstdint>

#include "arch/native.h"

namespace ldseal {

// One thread holds it at a time. The holder must not lock it again.
class Lock {
 public:
  constexpr Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  void lock() {
    uint64_t expected = kFree;
    if (!__atomic_compare_exchange_n(&word_, &expected, held_by_caller(), false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED))
      wait_and_lock();
  }
  void unlock() {
    if ((__atomic_exchange_n(&word_, kFree, __ATOMIC_RELEASE) & kHasWaiters) != 0) wake_one();
  }
  // Does the calling thread hold it? Only that thread can have written its own name there.
  bool is_mine() const {
    return (__atomic_load_n(&word_, __ATOMIC_RELAXED) & ~kHasWaiters) == held_by_caller();
  }
  bool is_held_by_other() const {
    return __atomic_load_n(&word_, __ATOMIC_RELAXED) != kFree && !is_mine();
  }
  // In a child of fork(2), where there is one thread: another one that held it is not here.
  void forget_other_holder() {
    if (!is_mine()) __atomic_store_n(&word_, kFree, __ATOMIC_RELAXED);
  }

 private:
  static constexpr uint64_t kFree = 0, kHeld = 1, kHasWaiters = 2;
  static uint64_t held_by_caller() { return uint64_t{thread_pointer()} << 2 | kHeld; }
  void wait_and_lock();
  void wake_one();
  const uint32_t* futex() const { return reinterpret_cast<const uint32_t*>(&word_); }

  uint64_t word_ = kFree;  // the thread pointer above the two bits
};

// The same thread may take it again. There is no count: the caller that took it remembers that it
// was the one, so there is no moment at which a signal handler finds it neither free nor its own.
class RecursiveLock {
 public:
  constexpr RecursiveLock() = default;

  // False: the calling thread has it already, and must not give it back.
  [[nodiscard]] bool take() {
    if (lock_.is_mine()) return false;
    lock_.lock();
    return true;
  }
  void give_back() { lock_.unlock(); }
  bool is_mine() const { return lock_.is_mine(); }
  void forget_other_holder() { lock_.forget_other_holder(); }

 private:
  Lock lock_;
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

template <>
class [[nodiscard]] LockGuard<RecursiveLock> {
 public:
  explicit LockGuard(RecursiveLock& lock) : lock_(lock), took_it_(lock.take()) {}
  ~LockGuard() {
    if (took_it_) lock_.give_back();
  }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

 private:
  RecursiveLock& lock_;
  bool took_it_;
};

}  // namespace ldseal
