// Locks among threads, over the real futex(2), and across fork(2).
#include "ldso/sys/lock.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <gtest/gtest.h>
#include <sys/time.h>
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

TEST(RecursiveLock, OnlyTheFirstThatTakesItGivesItBack) {
  RecursiveLock lock;
  ASSERT_TRUE(lock.take());
  EXPECT_FALSE(lock.take());
  EXPECT_TRUE(lock.is_mine());
  lock.give_back();
  EXPECT_FALSE(lock.is_mine());
}

TEST(RecursiveLock, IsHeldUntilTheFirstGuardEnds) {
  RecursiveLock lock;
  std::atomic<bool> is_taken = false;
  auto taking = [&] {
    LockGuard held(lock);
    is_taken = true;
  };
  std::thread other;
  {
    LockGuard first(lock);
    { LockGuard second(lock); }
    other = std::thread(taking);
    std::this_thread::sleep_for(kLongEnoughToSleep);
    EXPECT_FALSE(is_taken);
  }
  other.join();
  EXPECT_TRUE(is_taken);
}

RecursiveLock interrupted_lock;
volatile sig_atomic_t handled = 0;

void take_it_again(int) {
  LockGuard held(interrupted_lock);
  handled = handled + 1;
}

// A handler that found the lock taken and not its own would wait for its own thread for ever.
TEST(RecursiveLock, AHandlerMayTakeItWhereverItInterruptsItsThread) {
  constexpr unsigned kSeconds = 20;
  constexpr int kSignals = 5'000;
  signal(SIGALRM, SIG_DFL);
  alarm(kSeconds);
  signal(SIGPROF, take_it_again);
  itimerval often = {{0, 50}, {0, 50}};
  setitimer(ITIMER_PROF, &often, nullptr);
  pthread_t self = pthread_self();
  std::thread sender([&] {
    for (int i = 0; i < kSignals; ++i) {
      pthread_kill(self, SIGPROF);
      if (i % 16 == 0) std::this_thread::yield();
    }
  });
  while (handled < kSignals / 100) LockGuard held(interrupted_lock);
  sender.join();
  setitimer(ITIMER_PROF, &(often = {}), nullptr);
  alarm(0);
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
  ASSERT_TRUE(lock.take());
  int status = status_of_child([&] {
    lock.forget_other_holder();
    if (lock.take()) return 1;
    lock.give_back();
    std::thread other([&] { LockGuard held(lock); });
    other.join();
    return 0;
  });
  lock.give_back();
  EXPECT_EQ(status, 0);
}

TEST(RecursiveLock, TheChildOfAForkFindsFreeWhatAnotherThreadHeld) {
  RecursiveLock lock;
  std::atomic<bool> is_held = false, must_end = false;
  std::thread holder([&] {
    LockGuard held(lock);
    is_held = true;
    while (!must_end) std::this_thread::yield();
  });
  while (!is_held) std::this_thread::yield();
  int status = status_of_child([&] {
    lock.forget_other_holder();
    LockGuard held(lock);
    return 0;
  });
  must_end = true;
  holder.join();
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace ldseal
