// The child of fork(2) finds the loader's locks free and its lists whole, whoever else was at work.
#include "ldso/dl/fork.h"

#include <atomic>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "ldso/mem/heap.h"
#include "ldso/threads/thread_record.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/process_on_host.h"

namespace ldseal {
namespace {

using testing_tools::in_fresh_process;
using testing_tools::ProcessOnHost;

// One after the other, from the outermost to the innermost.
void take_every_lock() {
  LockGuard guard(dl_lock);
  LockGuard list(list_lock);
  LockGuard threads(threads_lock);
  heap.release(heap.allocate(100), 100);
}

// A thread of the child needs malloc. AddressSanitizer's does not survive a fork in which another thread
// held its locks, so there the child's only thread takes ours.
void take_every_lock_in_a_child() {
  take_every_lock();
#if !__has_feature(address_sanitizer)
  std::thread(take_every_lock).join();
#endif
}

// 0 for a child that could take every lock; one that waits for ever is ended by SIGALRM.
int status_of_forked_child() {
  constexpr unsigned kSeconds = 20;
  pid_t child = fork();
  if (child == 0) {
    alarm(kSeconds);
    take_every_lock_in_a_child();
    _exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

TEST(FollowForks, TheChildCanTakeEveryLockThatOtherThreadsWereTaking) {
  in_fresh_process([] {
    ProcessOnHost host;
    follow_forks();
    std::atomic<bool> must_stop = false;
    auto work = [&] {
      while (!must_stop) take_every_lock();
    };
    std::thread first(work), second(work);
    for (int round = 0; round < 50; ++round) ASSERT_EQ(status_of_forked_child(), 0) << round;
    must_stop = true;
    first.join();
    second.join();
  });
}

TEST(FollowForks, TheParentsLocksAreFreeAgain) {
  in_fresh_process([] {
    ProcessOnHost host;
    follow_forks();
    ASSERT_EQ(status_of_forked_child(), 0);
    std::thread(take_every_lock).join();
  });
}

TEST(FollowForks, TheOneThatForksMayHoldTheLoadersLock) {
  in_fresh_process([] {
    ProcessOnHost host;
    follow_forks();
    follow_forks();  // has no effect a second time
    LockGuard guard(dl_lock);
    pid_t child = fork();
    if (child == 0) {
      alarm(20);
      take_every_lock();
      _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  });
}

TEST(FollowForks, NobodyWaitsForAThreadThatHoldsTheLoadersLocks) {
  in_fresh_process([] {
    ProcessOnHost host;
    follow_forks();
    std::atomic<bool> is_held = false, must_end = false;
    std::thread holder([&] {
      LockGuard guard(dl_lock);
      LockGuard list(list_lock);
      LockGuard threads(threads_lock);
      is_held = true;
      while (!must_end) std::this_thread::yield();
    });
    while (!is_held) std::this_thread::yield();
    alarm(20);
    EXPECT_EQ(status_of_forked_child(), 0);
    must_end = true;
    holder.join();
  });
}

}  // namespace
}  // namespace ldseal
