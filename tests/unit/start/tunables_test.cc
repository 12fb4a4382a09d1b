#include "ldso/start/tunables.h"

#include <gtest/gtest.h>

#include "ldso/link/tls_layout.h"

namespace ldseal {
namespace {

TEST(MoreSurplus, IsWhatGlibcsTunableAsksForAboveItsDefault) {
  constexpr uint64_t kMost = kMostTlsSurplus.value - kTlsSurplus.value;
  struct {
    const char* tunables;
    uint64_t more;
  } const cases[] = {
      {nullptr, 0},
      {"", 0},
      {"glibc.rtld.optional_static_tls=512", 0},
      {"glibc.rtld.optional_static_tls=1152", 640},
      {"glibc.rtld.optional_static_tls=513", 64},
      {"glibc.rtld.optional_static_tls=0x480", 640},
      {"glibc.rtld.optional_static_tls=02200", 640},
      {"glibc.malloc.check=1:glibc.rtld.optional_static_tls=1152", 640},
      {"glibc.rtld.optional_static_tls=1152:glibc.malloc.check=1", 640},
      {"glibc.rtld.optional_static_tls=9999:glibc.rtld.optional_static_tls=1152", 640},
      {"xglibc.rtld.optional_static_tls=1152", 0},
      {"glibc.rtld.optional_static_tls=", 0},
      {"glibc.rtld.optional_static_tls=-1", 0},
      {"glibc.rtld.optional_static_tls=99999999999999999999", kMost},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(more_surplus_by(one.tunables), ByteCount(one.more))
        << (one.tunables ? one.tunables : "");
  }
}

TEST(OlderSort, IsAskedForByGlibcsTunable) {
  EXPECT_TRUE(asks_for_older_sort("glibc.rtld.dynamic_sort=1"));
  EXPECT_TRUE(asks_for_older_sort("glibc.malloc.check=1:glibc.rtld.dynamic_sort=1"));
  for (const char* tunables : {"", "glibc.rtld.dynamic_sort=2", "glibc.rtld.dynamic_sort=",
                               "glibc.rtld.dynamic_sort=1:glibc.rtld.dynamic_sort=2"})
    EXPECT_FALSE(asks_for_older_sort(tunables)) << tunables;
  EXPECT_FALSE(asks_for_older_sort(nullptr));
}

}  // namespace
}  // namespace ldseal
