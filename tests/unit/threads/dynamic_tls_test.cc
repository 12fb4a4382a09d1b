// Thread-local storage of opened objects, in real threads of the test program.
#include "ldso/threads/dynamic_tls.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <gtest/gtest.h>
#include <thread>

#include "ldso/mem/heap.h"
#include "tests/lib_cc/error_text.h"
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

TEST(DynamicTls, ABlockBeginsWithTheImageAndThenZeros) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = ready_object(host, "a");
    EXPECT_EQ(tls_data(m), nullptr) << "no thread has used it";
    EXPECT_TRUE(has_initial_values(m, tls_address(m, 0)));
  });
}

TEST(DynamicTls, AThreadHasOneBlockHoweverItAsks) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = ready_object(host, "a");
    auto* block = static_cast<char*>(ask(m, 0));
    EXPECT_EQ(ask(m, 5), block + 5);
    EXPECT_EQ(tls_address(m, 7), block + 7);
    EXPECT_EQ(tls_data(m), block);
    EXPECT_EQ(thread_words().slots[m.tls.opened_id], block);
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

TEST(DynamicTls, ABlockIsAlignedLikeItsImage) {
  in_fresh_process([] {
    ProcessOnHost host;
    for (uint64_t alignment = 1; alignment <= sizeof image / 2; alignment *= 2) {
      for (uint64_t skew : {uint64_t{0}, alignment / 2, uint64_t{1}}) {
        std::string name = std::to_string(alignment) + "+" + std::to_string(skew);
        Module& m = ready_object(host, name, 24, alignment, skew);
        void* block = tls_address(m, 0);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % alignment, skew % alignment) << name;
        EXPECT_TRUE(has_initial_values(m, block)) << name;
      }
    }
  });
}

// More objects than there are slots, and than a table holds at first.
constexpr size_t kManyObjects = 3 * kTlsSlots;

std::vector<Module*> many_objects(ProcessOnHost& host) {
  std::vector<Module*> modules;
  for (size_t i = 0; i < kManyObjects; ++i)
    modules.push_back(&ready_object(host, std::to_string(i)));
  return modules;
}

TEST(DynamicTls, BlocksStayWhereTheyAreWhileTheTableGrows) {
  in_fresh_process([] {
    ProcessOnHost host;
    std::vector<Module*> modules = many_objects(host);
    std::vector<void*> blocks;
    for (Module* m : modules) blocks.push_back(ask(*m, 0));
    for (size_t i = 0; i < kManyObjects; ++i) {
      EXPECT_EQ(ask(*modules[i], 0), blocks[i]) << i;
      EXPECT_TRUE(has_initial_values(*modules[i], blocks[i])) << i;
    }
  });
}

TEST(DynamicTls, ATableThatWasOutgrownStaysUntilTheThreadEnds) {
  in_fresh_process([] {
    ProcessOnHost host;
    std::vector<Module*> modules = many_objects(host);
    void* first = ask(*modules[0], 0);
    void** outgrown = thread_words().blocks;  // as a signal's handler has interrupted its reader
    for (Module* m : modules) ask(*m, 0);
    EXPECT_NE(thread_words().blocks, outgrown);
    EXPECT_EQ(outgrown[modules[0]->tls.opened_id], first);
  });
}

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

TEST(DynamicTls, RefusesABlockThatNoDescriptorCanReach) {
  in_fresh_process([] {
    ProcessOnHost host;
    constexpr uint64_t kTooLarge = (uint64_t{1} << 32) + 1;
    Module& large = object_with(host, "large", kTooLarge);
    Error e = adopt_tls(large).error();
    EXPECT_EQ(e.fault, Fault::kTlsTooLarge);
    EXPECT_STREQ(e.field, "PT_TLS p_memsz");
    EXPECT_EQ(e.found, kTooLarge);
    Module& aligned = object_with(host, "aligned", 8, uint64_t{1} << 33);
    e = adopt_tls(aligned).error();
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
    EXPECT_EQ(first.tls.opened_id, 0u);
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
    EXPECT_EQ(heap::allocate(kRareSize, kRareAlignment), block);
  });
}

TEST(DynamicTls, ABlockGoesBackToTheHeapWithItsThread) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = ready_object(host, "a", kRareSize, kRareAlignment);
    void* block = nullptr;
    in_another_thread([&] { block = tls_address(m, 0); });
    EXPECT_EQ(heap::allocate(kRareSize, kRareAlignment), block);
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
      ASSERT_TRUE(adopt_tls(changing));
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
