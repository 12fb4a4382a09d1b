// The subdirectories of glibc-hwcaps: the machine's levels, a mask over them, and names before them.
#include "ldso/image/hwcaps.h"

#include <gtest/gtest.h>

namespace ldseal {
namespace {

constexpr const char* kPrefix = "x86-64-v";

unsigned level_3() { return 3; }

TEST(Hwcaps, ALevelCountsUpToTheProcessors) {
  Hwcaps hwcaps{kPrefix, level_3};
  EXPECT_GT(hwcaps.worth("x86-64-v3"), hwcaps.worth("x86-64-v2"));
  EXPECT_GT(hwcaps.worth("x86-64-v2"), Hwcaps::kWithoutSubdirectory);
  EXPECT_EQ(hwcaps.worth("x86-64-v4"), 0);
  EXPECT_EQ(hwcaps.worth("power9"), 0);
  EXPECT_EQ(hwcaps.worth(""), 0);
}

TEST(Hwcaps, TheMaskNamesTheLevelsThatCount) {
  Hwcaps hwcaps{kPrefix, level_3, nullptr, "other:x86-64-v2"};
  EXPECT_NE(hwcaps.worth("x86-64-v2"), 0);
  EXPECT_EQ(hwcaps.worth("x86-64-v3"), 0);
  EXPECT_EQ(hwcaps.worth("other"), 0);
  hwcaps.mask = "";
  EXPECT_EQ(hwcaps.worth("x86-64-v2"), 0);
}

TEST(Hwcaps, WhatIsPrependedComesFirstInItsOrderAndIsNotMasked) {
  Hwcaps hwcaps{kPrefix, level_3, "first:second:x86-64-v4", ""};
  EXPECT_GT(hwcaps.worth("first"), hwcaps.worth("second"));
  EXPECT_GT(hwcaps.worth("second"), hwcaps.worth("x86-64-v4"));
  EXPECT_GT(hwcaps.worth("x86-64-v4"), Hwcaps::kWithoutSubdirectory);
}

TEST(Hwcaps, AMachineWithoutLevelsHasWhatIsPrepended) {
  Hwcaps hwcaps{nullptr, level_3};
  EXPECT_FALSE(hwcaps.has_any());
  EXPECT_EQ(hwcaps.worth("x86-64-v2"), 0);
  hwcaps.prepend = "mine";
  EXPECT_TRUE(hwcaps.has_any());
  EXPECT_NE(hwcaps.worth("mine"), 0);
}

}  // namespace
}  // namespace ldseal
