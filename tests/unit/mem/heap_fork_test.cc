// The heap across fork(2), which may come while other threads are at work in it.
#include <chrono>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "ldso/mem/heap.h"

namespace ldseal {
namespace {

// Threads that never stop taking and giving back.
class BusyThreads {
 public:
  BusyThreads() {
    for (int i = 0; i < 3; ++i) threads_.emplace_back([this] { work(); });
  }
  ~BusyThreads() {
    __atomic_store_n(&must_stop_, true, __ATOMIC_RELAXED);
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void work() {
    while (!__atomic_load_n(&must_stop_, __ATOMIC_RELAXED)) {
      void* block = heap.allocate(64);
      heap.release(block, 64);
    }
  }
  bool must_stop_ = false;
  std::vector<std::thread> threads_;
};

// 0: every block that the child gets is its own. A child that waits for a lock is ended by SIGALRM.
int use_heap_in_child() {
  constexpr unsigned kSeconds = 20;
  alarm(kSeconds);
  heap.resume_in_child();
  std::vector<uint64_t*> blocks;
  for (uint64_t i = 0; i < 200; ++i) {
    blocks.push_back(static_cast<uint64_t*>(heap.allocate(64)));
    if (*blocks.back() != 0) return 1;
    *blocks.back() = i + 1;
  }
  for (uint64_t i = 0; i < blocks.size(); ++i) {
    if (*blocks[i] != i + 1) return 2;
  }
  return 0;
}

TEST(HeapAcrossFork, TheChildsHeapIsInOrderWhateverOthersWereDoing) {
  BusyThreads busy;
  // With sanitizers a fork takes up to 100 ms.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  for (int round = 0; round < 500 && std::chrono::steady_clock::now() < end; ++round) {
    pid_t child = fork();
    if (child == 0) _exit(use_heap_in_child());
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0) << "round " << round;
  }
}

}  // namespace
}  // namespace ldseal
