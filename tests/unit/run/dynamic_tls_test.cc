// Thread-local storage of opened objects, in real threads of the test program.
#include "ldso/run/dynamic_tls.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <gtest/gtest.h>
#include <thread>

#include "ldso/mem/heap.h"
#include "tests/lib_cc/error_text.h"
#include "tests/lib_cc/exported.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/process_on_host.h"

extern "C" uint64_t tls_offset_slowly(uint64_t argument);

namespace ldseal {
namespace {

using testing_tools::in_fresh_process;
using testing_tools::ProcessOnHost;
using testing_tools::static_block;

constexpr uint64_t kStatics = 32;  // of the values that a block begins with

alignas(4096) unsigned char image[8192];

void fill_image() {
  for (size_t i = 0; i < sizeof image; ++i) image[i] = static_cast<unsigned char>(i * 7 + 1);
}

// An object with thread-local storage whose image is `image`, as it is before it is relocated.
Module& object_with(ProcessOnHost& host, const std::string& name, uint64_t size,
                    uint64_t alignment = 8, uint64_t skew = 0) {
  fill_image();
  Module& m = host.open(name);
  m.tls.image = Vaddr(reinterpret_cast<uintptr_t>(image) + skew);
  m.tls.image_size = ByteCount(size < kStatics ? size : kStatics);
  m.tls.size = ByteCount(size);
  m.tls.alignment = alignment;
  return m;
}

Module& ready_object(ProcessOnHost& host, const std::string& name, uint64_t size = 100,
                     uint64_t alignment = 8, uint64_t skew = 0) {
  Module& m = object_with(host, name, size, alignment, skew);
  EXPECT_TRUE(adopt_tls(m));
  publish_tls(m);
  return m;
}

bool has_initial_values(const Module& m, const void* block) {
  const auto* bytes = static_cast<const unsigned char*>(block);
  const auto* values = reinterpret_cast<const unsigned char*>(m.tls.image.value);
  size_t given = m.tls.image_size.value;
  return std::equal(values, values + given, bytes) &&
         std::all_of(bytes + given, bytes + m.tls.size.value, [](auto byte) { return byte == 0; });
}

void spoil(const Module& m) { __builtin_memset(tls_address(m, 0), 0xee, m.tls.size.value); }

// What compiled code asks, and arch/<machine>/tls.S.
void* ask(const Module& m, uint64_t offset) {
  const uint64_t index[] = {module_word(m, process.graph.modules.size()), offset};
  return loaders___tls_get_addr(index);
}

template <class Body>
void in_another_thread(const Body& body) {
  std::thread(body).join();
}

Error error_of(const Status& status) { return status ? Error{} : status.error(); }

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
    testing_tools::MadeUpProcess process_with_tls;
    Module& library = process_with_tls.add_library("library");
    library.tls.size = ByteCount(16);
    library.tls.offset = -160;
    set_up_dynamic_tls(testing_tools::layout_of_static_block(TlsRoom::kForOpened),
                       process_with_tls.arena());
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
    Error e = error_of(adopt_tls(large));
    EXPECT_EQ(e.fault, Fault::kTlsTooLarge);
    EXPECT_STREQ(e.field, "PT_TLS p_memsz");
    EXPECT_EQ(e.found, kTooLarge);
    Module& aligned = object_with(host, "aligned", 8, uint64_t{1} << 33);
    e = error_of(adopt_tls(aligned));
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

// A thread that answers one question after another, and lives in between.
class Companion {
 public:
  Companion() : thread_([this] { serve(); }) {}
  ~Companion() {
    work_ = [this] { is_over_ = true; };
    run();
    thread_.join();
  }
  template <class Body>
  void does(const Body& body) {
    work_ = body;
    run();
  }

 private:
  void run() {
    has_work_ = true;
    has_work_.notify_one();
    has_work_.wait(true);
  }
  void serve() {
    while (!is_over_) {
      has_work_.wait(false);
      work_();
      has_work_ = false;
      has_work_.notify_one();
    }
  }
  std::function<void()> work_;
  std::atomic<bool> has_work_ = false;
  bool is_over_ = false;
  std::thread thread_;
};

TEST(DynamicTls, NoThreadKeepsABlockOfAnObjectThatIsGone) {
  in_fresh_process([] {
    ProcessOnHost host;
    Companion companion;
    for (size_t fill = 0; fill < kTlsSlots; ++fill) ready_object(host, std::to_string(fill));
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

Status make_static(Module& m) { return tls_access_for_opens().require_static(m); }

TEST(StaticTls, OfAnOpenedObjectIsInTheSurplusOfEveryThread) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = object_with(host, "a", 100);
    ASSERT_TRUE(adopt_tls(m));
    ASSERT_TRUE(make_static(m));
    publish_tls(m);
    auto* block = static_cast<unsigned char*>(tls_data(m));
    EXPECT_GE(block, static_block.surplus);
    EXPECT_LE(block + 100, static_block.surplus + kTlsSurplus.value);
    EXPECT_TRUE(has_initial_values(m, block));
    EXPECT_EQ(ask(m, 4), block + 4);
  });
}

TEST(StaticTls, IsWrittenIntoThreadsThatRunAndIntoThoseThatComeLater) {
  in_fresh_process([] {
    ProcessOnHost host;
    Companion companion;
    companion.does([] { own_record(); });
    Module& m = object_with(host, "a", 100);
    ASSERT_TRUE(adopt_tls(m));
    ASSERT_TRUE(make_static(m));
    publish_tls(m);
    companion.does([&] { EXPECT_TRUE(has_initial_values(m, tls_data(m))); });
    unsigned long thread = 0;
    auto look = [](void* object) -> void* {
      const Module& looked_at = *static_cast<Module*>(object);
      return has_initial_values(looked_at, tls_data(looked_at)) ? object : nullptr;
    };
    ASSERT_EQ(loaders_pthread_create(&thread, nullptr, look, &m), 0);
    void* answer = nullptr;
    pthread_join(thread, &answer);
    EXPECT_EQ(answer, &m);
  });
}

TEST(StaticTls, GivesItsPlaceBack) {
  in_fresh_process([] {
    ProcessOnHost host;
    for (int round = 0; round < 5; ++round) {
      Module& m = object_with(host, std::to_string(round), kTlsSurplus.value);
      ASSERT_TRUE(adopt_tls(m));
      ASSERT_TRUE(make_static(m)) << round;
      release_tls(m);
      EXPECT_FALSE(m.tls.is_static());
    }
  });
}

TEST(StaticTls, IsRefusedWhereTheSurplusIsUsedUp) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& large = object_with(host, "large", kTlsSurplus.value - 64);
    Module& more = object_with(host, "more", 100);
    ASSERT_TRUE(adopt_tls(large));
    ASSERT_TRUE(adopt_tls(more));
    ASSERT_TRUE(make_static(large));
    Error e = error_of(make_static(more));
    EXPECT_EQ(e.fault, Fault::kTlsSurplusUsedUp);
    EXPECT_EQ(e.found, 100u);
    EXPECT_EQ(e.wanted, 64u) << "what is left";
    EXPECT_FALSE(more.tls.is_static());
  });
}

TEST(StaticTls, IsRefusedWithoutRoom) {
  in_fresh_process([] {
    ProcessOnHost host(TlsRoom::kNone);
    Module& m = object_with(host, "a", 8);
    ASSERT_TRUE(adopt_tls(m));
    EXPECT_EQ(error_of(make_static(m)).fault, Fault::kTlsSurplusUsedUp);
  });
}

TEST(StaticTls, IsRefusedAnAlignmentThatTheSurplusDoesNotHave) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = object_with(host, "a", 8, 2 * kTlsSurplusAlignment);
    ASSERT_TRUE(adopt_tls(m));
    Error e = error_of(make_static(m));
    EXPECT_EQ(e.fault, Fault::kTlsTooLarge);
    EXPECT_EQ(e.found, 2 * kTlsSurplusAlignment);
  });
}

TEST(StaticTls, IsRefusedOnceAThreadHasABlockElsewhere) {
  in_fresh_process([] {
    ProcessOnHost host;
    Companion companion;
    Module& m = ready_object(host, "a");
    companion.does([&] { ask(m, 0); });
    EXPECT_EQ(error_of(make_static(m)).fault, Fault::kTlsAlreadyDynamic);
  });
}

}  // namespace
}  // namespace ldseal
