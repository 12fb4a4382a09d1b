// Threads that libc makes for us and by itself: known while they run, forgotten when they end.
#include "ldso/threads/threads.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <threads.h>
#include <unistd.h>

#include "tests/lib_cc/exported.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/memory_map.h"
#include "tests/lib_cc/process_on_host.h"

namespace ldseal {
namespace {

using testing_tools::can_be_read;
using testing_tools::in_fresh_process;
using testing_tools::ProcessOnHost;

std::vector<uintptr_t> known_threads() {
  LockGuard held(threads_lock);
  std::vector<uintptr_t> pointers;
  threads.for_each([&](const ThreadRecord& r) { pointers.push_back(r.pointer); });
  return pointers;
}

bool is_known(uintptr_t pointer) {
  std::vector<uintptr_t> known = known_threads();
  return std::find(known.begin(), known.end(), pointer) != known.end();
}

// What `run` gives in a thread that our pthread_create makes.
void* in_our_thread(void* (*run)(void*), void* argument = nullptr,
                    const pthread_attr_t* attributes = nullptr) {
  unsigned long thread = 0;
  int answer = loaders_pthread_create(&thread, attributes, run, argument);
  EXPECT_EQ(answer, 0);
  void* result = nullptr;
  if (answer == 0) pthread_join(thread, &result);
  return result;
}

TEST(Threads, TheFirstIsKnownFromTheStart) {
  in_fresh_process([] {
    ProcessOnHost host;
    EXPECT_EQ(known_threads(), std::vector{thread_pointer()});
  });
}

TEST(Threads, OneThatTheProgramMakesIsKnownBeforeItsFirstInstructionAndForgottenAtItsEnd) {
  in_fresh_process([] {
    ProcessOnHost host;
    auto run = [](void* argument) {
      EXPECT_TRUE(is_known(thread_pointer()));
      EXPECT_EQ(known_threads().size(), 2u);
      return argument;
    };
    int argument = 0;
    EXPECT_EQ(in_our_thread(run, &argument), &argument) << "and it gets its argument";
    EXPECT_EQ(known_threads().size(), 1u);
  });
}

TEST(Threads, OneThatLibcMakesIsKnownOnceItAsks) {
  in_fresh_process([] {
    ProcessOnHost host;
    std::thread([] {
      EXPECT_FALSE(is_known(thread_pointer()));
      ThreadRecord* record = current_record();
      EXPECT_TRUE(is_known(thread_pointer()));
      EXPECT_EQ(current_record(), record);
    }).join();
    EXPECT_EQ(known_threads().size(), 1u);
  });
}

TEST(Threads, ThreadWordsAreEmptyAgainWhenAThreadEnds) {
  in_fresh_process([] {
    ProcessOnHost host;
    auto run = [](void*) -> void* {
      EXPECT_NE(thread_area().record, nullptr);
      pthread_exit(nullptr);
    };
    for (int round = 0; round < 50; ++round) in_our_thread(run);
    EXPECT_EQ(known_threads().size(), 1u);
  });
}

TEST(Threads, WhatLibcCannotMakeLeavesNoTrace) {
  in_fresh_process([] {
    ProcessOnHost host;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, size_t{1} << 50);
    unsigned long thread = 0;
    auto run = [](void* argument) { return argument; };
    EXPECT_NE(loaders_pthread_create(&thread, &attributes, run, nullptr), 0);
    EXPECT_EQ(known_threads().size(), 1u);
    EXPECT_NE(in_our_thread(run, &thread), nullptr) << "the next one is made";
    pthread_attr_destroy(&attributes);
  });
}

TEST(Threads, ThrdCreateGivesTheFunctionsInt) {
  in_fresh_process([] {
    ProcessOnHost host;
    thrd_t thread;
    auto run = [](void* argument) { return *static_cast<int*>(argument) - 1; };
    int argument = -41, result = 0;
    ASSERT_EQ(loaders_thrd_create(&thread, run, &argument), thrd_success);
    ASSERT_EQ(thrd_join(thread, &result), thrd_success);
    EXPECT_EQ(result, -42);
  });
}

// The calling thread's stack, by one of the two functions of this name.
struct Stack {
  uintptr_t lowest = 0;
  size_t size = 0, guard = 0;

  template <class Function>
  static Stack by(const Function& attributes_of) {
    pthread_attr_t attributes;
    Stack stack;
    void* lowest = nullptr;
    EXPECT_EQ(attributes_of(pthread_self(), &attributes), 0);
    pthread_attr_getstack(&attributes, &lowest, &stack.size);
    pthread_attr_getguardsize(&attributes, &stack.guard);
    pthread_attr_destroy(&attributes);
    stack.lowest = reinterpret_cast<uintptr_t>(lowest);
    return stack;
  }
};

TEST(Threads, AGuardIsUnderTheStackThatIsTold) {
  in_fresh_process([] {
    ProcessOnHost host;
    auto run = [](void*) -> void* {
      Stack told = Stack::by(loaders_pthread_getattr_np);
      EXPECT_EQ(told.guard, process.page.value);
      EXPECT_TRUE(can_be_read(Address(told.lowest)));
      EXPECT_FALSE(can_be_read(Address(told.lowest - 1)));
      EXPECT_FALSE(can_be_read(Address(told.lowest - told.guard)));
      return nullptr;
    };
    for (int round = 0; round < 5; ++round) in_our_thread(run);  // on one stack after another
  });
}

TEST(Threads, AStackIsAsLargeAsTheProgramAskedFor) {
  in_fresh_process([] {
    ProcessOnHost host;
    static constexpr size_t kSize = size_t{256} << 10, kGuard = size_t{16} << 10;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kSize);
    pthread_attr_setguardsize(&attributes, kGuard);
    auto run = [](void*) -> void* {
      Stack told = Stack::by(loaders_pthread_getattr_np);
      EXPECT_GE(told.size, kSize);
      EXPECT_EQ(told.guard, kGuard);
      EXPECT_FALSE(can_be_read(Address(told.lowest - kGuard)));
      return nullptr;
    };
    in_our_thread(run, nullptr, &attributes);
    pthread_attr_destroy(&attributes);
  });
}

TEST(Threads, OfAForkedChildAreItsOwnAlone) {
  in_fresh_process([] {
    ProcessOnHost host;
    auto fork_and_look = [](void*) -> void* {
      EXPECT_EQ(known_threads().size(), 2u);
      pid_t child = fork();
      if (child == 0) _exit(known_threads() == std::vector{thread_pointer()} ? 0 : 1);
      int status = 0;
      waitpid(child, &status, 0);
      EXPECT_EQ(status, 0);
      return nullptr;
    };
    in_our_thread(fork_and_look);
  });
}

}  // namespace
}  // namespace ldseal
