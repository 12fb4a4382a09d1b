// The ids of opened objects with thread-local storage, and what an object or a thread leaves.
#include "ldso/threads/tls_modules.h"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <thread>

#include "ldso/mem/heap.h"
#include "tests/lib_cc/error_text.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/objects_with_tls.h"

namespace ldseal {
namespace {

using namespace testing_tools;

TEST(DynamicTls, WorksWithoutRoomInTheStaticBlock) {
  in_fresh_process([] {
    ProcessOnHost host(TlsRoom::kNone);
    Module& m = ready_object(host, "a");
    EXPECT_GE(m.tls.opened_id, kTlsSlots) << "there is no slot";
    void* block = ask(m, 0);
    EXPECT_TRUE(has_initial_values(m, block));
    EXPECT_EQ(ask(m, 1), static_cast<char*>(block) + 1);
    std::array<void*, kTlsSlots> none = {};
    EXPECT_TRUE(std::equal(none.begin(), none.end(), static_block.words.slots));
  });
}

TEST(DynamicTls, RefusesABlockThatNoDescriptorCanReach) {
  in_fresh_process([] {
    ProcessOnHost host;
    constexpr uint64_t kTooLarge = (uint64_t{1} << 32) + 1;
    Module& large = object_with(host, "large", kTooLarge);
    Error e = register_tls(large).error();
    EXPECT_EQ(e.fault, Fault::kTlsTooLarge);
    EXPECT_STREQ(e.field, "PT_TLS p_memsz");
    EXPECT_EQ(e.found, kTooLarge);
    Module& aligned = object_with(host, "aligned", 8, uint64_t{1} << 33);
    e = register_tls(aligned).error();
    EXPECT_STREQ(e.field, "PT_TLS p_align");
    EXPECT_EQ(large.tls.opened_id, 0u);
    EXPECT_EQ(aligned.tls.opened_id, 0u);
  });
}

TEST(DynamicTls, AnIdIsUsedAgainOnceItsObjectIsGone) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& first = ready_object(host, "first");
    uint32_t id = first.tls.opened_id;
    release_tls(first);
    EXPECT_EQ(ready_object(host, "second").tls.opened_id, id);
  });
}

TEST(DynamicTls, NoThreadKeepsABlockOfAnObjectThatIsGone) {
  in_fresh_process([] {
    ProcessOnHost host;
    Companion companion;
    for (const char* round : {"with a slot", "without"}) {
      Module& first = ready_object(host, std::string("first ") + round);
      uint32_t id = first.tls.opened_id;
      spoil(first);
      companion.does([&] { spoil(first); });
      release_tls(first);
      Module& second = ready_object(host, std::string("second ") + round);
      ASSERT_EQ(second.tls.opened_id, id);
      EXPECT_EQ(tls_data(second), nullptr) << round;
      EXPECT_TRUE(has_initial_values(second, ask(second, 0))) << round;
      companion.does([&] {
        EXPECT_EQ(tls_data(second), nullptr) << round;
        EXPECT_TRUE(has_initial_values(second, ask(second, 0))) << round;
      });
      for (size_t fill = 0; fill < kTlsSlots; ++fill)
        ready_object(host, std::to_string(fill) + round);
    }
  });
}

// Of a size and alignment that nothing else in the heap has.
constexpr uint64_t kRareSize = 20'000, kRareAlignment = 2048;

TEST(DynamicTls, ABlockGoesBackToTheHeapWithItsObject) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = ready_object(host, "a", kRareSize, kRareAlignment);
    void* block = tls_address(m, 0);
    release_tls(m);
    EXPECT_EQ(heap.allocate(kRareSize, kRareAlignment), block);
  });
}

TEST(DynamicTls, ABlockGoesBackToTheHeapWithItsThread) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = ready_object(host, "a", kRareSize, kRareAlignment);
    void* block = nullptr;
    std::thread([&] { block = tls_address(m, 0); }).join();
    EXPECT_EQ(heap.allocate(kRareSize, kRareAlignment), block);
  });
}

}  // namespace
}  // namespace ldseal
