// Thread-local storage of opened objects, in real threads of the test program.
#include "ldso/threads/dynamic_tls.h"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>

#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/objects_with_tls.h"

extern "C" uint64_t tls_offset_slowly(uint64_t argument);

namespace ldseal {
namespace {

using namespace testing_tools;

template <class Body>
void in_another_thread(const Body& body) {
  std::thread(body).join();
}

TEST(DynamicTls, AThreadHasOneBlockHoweverItAsks) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = ready_object(host, "a");
    auto* block = static_cast<char*>(ask(m, 0));
    EXPECT_EQ(ask(m, 5), block + 5);
    EXPECT_EQ(tls_address(m, 7), block + 7);
    EXPECT_EQ(tls_data(m), block);
    EXPECT_EQ(thread_area().slots[m.tls.opened_id], block);
  });
}

TEST(DynamicTls, EachThreadHasItsOwn) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = ready_object(host, "a");
    spoil(m);
    in_another_thread([&] {
      EXPECT_TRUE(has_initial_values(m, tls_address(m, 0)));
      EXPECT_NE(tls_data(m), nullptr);
    });
  });
}

TEST(DynamicTls, AStartUpModulesBlockIsAtItsPlaceInTheStaticBlock) {
  in_fresh_process([] {
    MadeUpProcess process_with_tls;
    Module& library = process_with_tls.add_library("library");
    library.tls.size = ByteCount(16);
    library.tls.offset = -160;
    set_up_dynamic_tls(layout_of_static_block(TlsRoom::kForOpened), process_with_tls.arena());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(ask(library, 3)), thread_pointer() - 160 + 3);
  });
}

TEST(DynamicTls, ADescriptorsOffsetLeadsToTheSameByte) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = ready_object(host, "a");
    for (uint64_t offset : {uint64_t{0}, uint64_t{9}, ~uint64_t{0} - 15}) {
      uint64_t answer = tls_offset_slowly(descriptor_argument(m.tls.opened_id, offset));
      EXPECT_EQ(answer + thread_pointer(), reinterpret_cast<uintptr_t>(tls_address(m, offset)));
    }
  });
}

TEST(DynamicTls, ThreadsMayUseItWhileObjectsComeAndGo) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& used = ready_object(host, "used");
    std::atomic<bool> must_stop = false;
    std::atomic<int> wrong = 0;
    auto use = [&](unsigned char mark) {
      auto* own = static_cast<unsigned char*>(ask(used, 50));
      while (!must_stop) {
        *static_cast<volatile unsigned char*>(ask(used, 50)) = mark;
        if (ask(used, 50) != own || *static_cast<volatile unsigned char*>(own) != mark) ++wrong;
      }
    };
    std::thread first(use, 1), second(use, 2);
    Module& changing = object_with(host, "changing", 64);
    for (int round = 0; round < 3000; ++round) {
      ASSERT_TRUE(register_tls(changing));
      publish_tls(changing);
      ASSERT_TRUE(has_initial_values(changing, ask(changing, 0)));
      spoil(changing);
      release_tls(changing);
    }
    must_stop = true;
    first.join();
    second.join();
    EXPECT_EQ(wrong, 0);
  });
}

}  // namespace
}  // namespace ldseal
