// Locks among threads, over the real futex(2), and across fork(2).
#include "ldso/sys/lock.h"

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace ldseal {
namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 20'000;
constexpr auto kLongEnoughToSleep = std::chrono::milliseconds(20);

// Two words that are equal while no thread is at work: without mutual exclusion they differ sooner
// or later.
struct Pair {
  long first = 0, second = 0;
};

template <class AnyLock, class Work>
void from_many_threads(AnyLock& lock, const Work& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        LockGuard held(lock);
        work();
        if (round % 512 == 0) std::this_thread::yield();  // with the lock held: the others sleep
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// What `body` gives in a child of fork(2); a child that hangs is ended by SIGALRM.
template <class Body>
int status_of_child(const Body& body) {
  constexpr unsigned kSeconds = 20;
  pid_t child = fork();
  if (child == 0) {
    alarm(kSeconds);
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

bool can_be_taken_elsewhere(RecursiveLock& lock) {
  std::atomic<bool> is_taken = false;
  std::thread other([&] {
    LockGuard held(lock);
    is_taken = true;
  });
  std::this_thread::sleep_for(kLongEnoughToSleep);
  bool answer = is_taken;
  lock.unlock();
  other.join();
  return answer;
}

TEST(Lock, OneThreadAtATimeHoldsIt) {
  Lock lock;
  Pair pair;
  from_many_threads(lock, [&] {
    ASSERT_EQ(pair.first, pair.second);
    ++pair.first;
    ++pair.second;
  });
  EXPECT_EQ(pair.first, long{kThreads} * kRounds);
}

TEST(Lock, WhoeverSleepsIsWoken) {
  Lock lock;
  lock.lock();
  std::vector<std::thread> sleepers;
  std::atomic<int> woken = 0;
  for (int i = 0; i < kThreads; ++i) {
    sleepers.emplace_back([&] {
      LockGuard held(lock);
      ++woken;
    });
  }
  std::this_thread::sleep_for(kLongEnoughToSleep);
  EXPECT_EQ(woken, 0);
  lock.unlock();
  for (std::thread& sleeper : sleepers) sleeper.join();
  EXPECT_EQ(woken, kThreads);
}

TEST(RecursiveLock, TheSameThreadMayTakeItAgain) {
  RecursiveLock lock;
  LockGuard once(lock);
  LockGuard twice(lock);
  LockGuard thrice(lock);
}

TEST(RecursiveLock, IsHeldUntilItIsUnlockedAsOftenAsItWasLocked) {
  RecursiveLock lock;
  lock.lock();
  lock.lock();
  lock.unlock();
  EXPECT_FALSE(can_be_taken_elsewhere(lock));
}

TEST(RecursiveLock, IsFreeOnceItIsUnlockedAsOften) {
  RecursiveLock lock;
  for (int depth = 0; depth < 3; ++depth) lock.lock();
  for (int depth = 0; depth < 3; ++depth) lock.unlock();
  std::thread other([&] { LockGuard held(lock); });
  other.join();
}

TEST(RecursiveLock, OneThreadAtATimeHoldsItHoweverDeep) {
  RecursiveLock lock;
  Pair pair;
  from_many_threads(lock, [&] {
    LockGuard again(lock);
    ASSERT_EQ(pair.first, pair.second);
    ++pair.first;
    {
      LockGuard deeper(lock);
      ++pair.second;
    }
  });
  EXPECT_EQ(pair.first, long{kThreads} * kRounds);
}

TEST(RecursiveLock, TheChildOfAForkHoldsWhatItsThreadHeld) {
  RecursiveLock lock;
  lock.lock();
  int status = status_of_child([&] {
    lock.lock();  // a thread that did not hold it would wait for ever
    lock.unlock();
    lock.unlock();
    std::thread other([&] { LockGuard held(lock); });
    other.join();
    return 0;
  });
  lock.unlock();
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace ldseal
