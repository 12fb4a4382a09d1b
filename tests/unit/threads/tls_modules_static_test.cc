// Initial-exec storage of opened objects: its place in the surplus of every thread's static block.
#include <gtest/gtest.h>

#include "ldso/threads/threads.h"
#include "ldso/threads/tls_modules.h"
#include "tests/lib_cc/error_text.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/objects_with_tls.h"

namespace ldseal {
namespace {

using namespace testing_tools;

Status make_static(Module& m) { return tls_access_for_opens().require_static(m); }

TEST(StaticTls, OfAnOpenedObjectIsInTheSurplusOfEveryThread) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = object_with(host, "a", 100);
    ASSERT_TRUE(register_tls(m));
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
    companion.does([] { current_record(); });
    Module& m = object_with(host, "a", 100);
    ASSERT_TRUE(register_tls(m));
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
      ASSERT_TRUE(register_tls(m));
      ASSERT_TRUE(make_static(m)) << round;
      release_tls(m);
    }
  });
}

TEST(StaticTls, IsRefusedWhereTheSurplusIsUsedUp) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& large = object_with(host, "large", kTlsSurplus.value - 64);
    Module& more = object_with(host, "more", 100);
    ASSERT_TRUE(register_tls(large));
    ASSERT_TRUE(register_tls(more));
    ASSERT_TRUE(make_static(large));
    Error e = make_static(more).error();
    EXPECT_EQ(e.fault, Fault::kTlsSurplusUsedUp);
    EXPECT_EQ(e.found, 100u);
    EXPECT_EQ(e.wanted, 64u) << "what is left";
    EXPECT_FALSE(more.has_static_tls());
  });
}

TEST(StaticTls, IsRefusedWithoutRoom) {
  in_fresh_process([] {
    ProcessOnHost host(TlsRoom::kNone);
    Module& m = object_with(host, "a", 8);
    ASSERT_TRUE(register_tls(m));
    EXPECT_EQ(make_static(m).error().fault, Fault::kTlsSurplusUsedUp);
  });
}

TEST(StaticTls, IsRefusedAnAlignmentThatTheSurplusDoesNotHave) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = object_with(host, "a", 8, 2 * kTlsSurplusAlignment);
    ASSERT_TRUE(register_tls(m));
    Error e = make_static(m).error();
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
    EXPECT_EQ(make_static(m).error().fault, Fault::kTlsAlreadyDynamic);
  });
}

}  // namespace
}  // namespace ldseal
