// An object stays as long as a thread has destructors of its thread-local objects to run.
#include <gtest/gtest.h>
#include <thread>

#include "ldso/dl/open.h"
#include "tests/lib_cc/exported.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/process_on_host.h"

namespace ldseal {
namespace {

using testing_tools::in_fresh_process;
using testing_tools::ProcessOnHost;

void count_call(void* calls) { ++*static_cast<int*>(calls); }

// In the calling thread, for the object that holds `address`.
void enter(int& calls, Address address) {
  EXPECT_EQ(loaders___cxa_thread_atexit_impl(count_call, &calls, address.as<void>()), 0);
}

TEST(ThreadDestructors, RunAtTheEndOfTheThreadAndAreCountedUntilThen) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = host.open("a");
    int calls = 0;
    std::thread([&] {
      enter(calls, m.span.start);
      enter(calls, Address(m.span.end.value - 1));
      EXPECT_EQ(m.dlopen_state->life->pending_thread_destructors, 2u);
      EXPECT_EQ(calls, 0);
    }).join();
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(m.dlopen_state->life->pending_thread_destructors, 0u);
  });
}

TEST(ThreadDestructors, KeepAnObjectThatIsClosedMeanwhile) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = host.open("a");
    int calls = 0;
    std::thread([&] {
      enter(calls, m.span.start);
      close_object(m);
      EXPECT_EQ(dlopened.modules.size(), 1u);
    }).join();
    EXPECT_EQ(calls, 1);
    close_object(host.open("later"));
    EXPECT_EQ(dlopened.modules.size(), 0u);
  });
}

TEST(ThreadDestructors, OfOtherObjectsAreLeftToLibc) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = host.open("a");
    int calls = 0;
    std::thread([&] { enter(calls, Address(&calls)); }).join();
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(m.dlopen_state->life->pending_thread_destructors, 0u);
  });
}

}  // namespace
}  // namespace ldseal
