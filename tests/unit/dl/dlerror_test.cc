// dlerror(3): told once, to the thread that it happened in.
#include "ldso/dl/dlerror.h"

#include <gtest/gtest.h>
#include <thread>

#include "ldso/mem/heap.h"
#include "ldso/threads/thread_record.h"
#include "tests/lib_cc/exported.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/process_on_host.h"

namespace ldseal {
namespace {

using testing_tools::in_fresh_process;
using testing_tools::ProcessOnHost;

TEST(DlError, IsToldOnce) {
  in_fresh_process([] {
    ProcessOnHost host;
    EXPECT_EQ(loaders_dlerror(), nullptr);
    set_dl_error_text("it is so");
    EXPECT_STREQ(loaders_dlerror(), "it is so");
    EXPECT_EQ(loaders_dlerror(), nullptr);
  });
}

TEST(DlError, IsThatOfTheLastCallThatFailed) {
  in_fresh_process([] {
    ProcessOnHost host;
    set_dl_error_text("first");
    set_dl_error_text("second");
    EXPECT_STREQ(loaders_dlerror(), "second");
    set_dl_error_text("third");
    clear_dl_error();
    EXPECT_EQ(loaders_dlerror(), nullptr);
  });
}

TEST(DlError, NamesTheObject) {
  in_fresh_process([] {
    ProcessOnHost host;
    Error e = fault(Fault::kLibraryNotFound);
    e.name = "libmissing.so";
    set_dl_error(e);
    EXPECT_NE(std::string(loaders_dlerror()).find("libmissing.so"), std::string::npos);
  });
}

TEST(DlError, BelongsToItsThread) {
  in_fresh_process([] {
    ProcessOnHost host;
    set_dl_error_text("in the first thread");
    std::thread([] {
      EXPECT_EQ(loaders_dlerror(), nullptr);
      set_dl_error_text("in the second");
    }).join();
    EXPECT_STREQ(loaders_dlerror(), "in the first thread");
  });
}

TEST(DlError, GoesBackToTheHeapWithItsThread) {
  in_fresh_process([] {
    ProcessOnHost host;
    std::string text(20'000, 'x');  // of a size that nothing else has
    void* state = nullptr;
    std::thread([&] {
      set_dl_error_text(text.c_str());
      state = thread_area().dlerror_state;
    }).join();
    EXPECT_EQ(heap.allocate(text.size() + 1 + 16), state);
  });
}

}  // namespace
}  // namespace ldseal
