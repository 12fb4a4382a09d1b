#include "ldso/base/number.h"

#include <gtest/gtest.h>

namespace ldseal {
namespace {

constexpr uint64_t kMost = UINT64_MAX;

TEST(CheckedArithmetic, SumThatFitsIsGiven) { EXPECT_EQ(checked_add(kMost - 1, 1), kMost); }
TEST(CheckedArithmetic, SumThatWrapsIsRefused) { EXPECT_EQ(checked_add(kMost, 1), std::nullopt); }
TEST(CheckedArithmetic, ProductThatFitsIsGiven) {
  EXPECT_EQ(checked_multiply(uint64_t{1} << 32, 0xffffffff), 0xffffffff00000000);
}
TEST(CheckedArithmetic, ProductThatWrapsIsRefused) {
  EXPECT_EQ(checked_multiply(uint64_t{1} << 32, uint64_t{1} << 32), std::nullopt);
}

TEST(RangeFits, WholeRangeFits) { EXPECT_TRUE(range_fits(0, 10, 10)); }
TEST(RangeFits, EmptyRangeAtTheEndFits) { EXPECT_TRUE(range_fits(10, 0, 10)); }
TEST(RangeFits, EmptyRangeBeyondTheEndDoesNot) { EXPECT_FALSE(range_fits(11, 0, 10)); }
TEST(RangeFits, OneByteTooManyDoesNot) { EXPECT_FALSE(range_fits(4, 7, 10)); }
TEST(RangeFits, LengthThatWouldWrapDoesNot) { EXPECT_FALSE(range_fits(4, kMost - 2, 10)); }
TEST(RangeFits, StartThatWouldWrapDoesNot) { EXPECT_FALSE(range_fits(kMost, 2, 10)); }

TEST(PowerOfTwo, ZeroIsNone) { EXPECT_FALSE(is_power_of_two(0)); }
TEST(PowerOfTwo, EveryPowerIsOne) {
  for (unsigned bit = 0; bit < 64; ++bit) EXPECT_TRUE(is_power_of_two(uint64_t{1} << bit)) << bit;
}
TEST(PowerOfTwo, NeighboursOfAPowerAreNone) {
  for (unsigned bit = 2; bit < 64; ++bit) {
    EXPECT_FALSE(is_power_of_two((uint64_t{1} << bit) - 1)) << bit;
    EXPECT_FALSE(is_power_of_two((uint64_t{1} << bit) + 1)) << bit;
  }
}

TEST(Rounding, DownGoesToTheMultipleBelow) { EXPECT_EQ(round_down(0x1fff, 0x1000), 0x1000u); }
TEST(Rounding, UpGoesToTheMultipleAbove) { EXPECT_EQ(round_up(0x1001, 0x1000), 0x2000u); }
TEST(Rounding, AMultipleStays) {
  EXPECT_EQ(round_down(0x2000, 0x1000), 0x2000u);
  EXPECT_EQ(round_up(0x2000, 0x1000), 0x2000u);
}
TEST(Rounding, CheckedUpGivesTheLastMultiple) {
  EXPECT_EQ(checked_round_up(kMost - 0xfff, 0x1000), kMost - 0xfff);
}
TEST(Rounding, CheckedUpBeyondTheLastMultipleIsRefused) {
  EXPECT_EQ(checked_round_up(kMost - 0xffe, 0x1000), std::nullopt);
}
TEST(Rounding, PageSizeRoundsByItsOwnValue) {
  PageSize page{0x10000};
  EXPECT_EQ(page.down(0x1ffff), 0x10000u);
  EXPECT_EQ(page.up(Address(0x10001)), Address(0x20000));
}

TEST(Addresses, VaddrAndBiasMakeAnAddress) {
  EXPECT_EQ(Vaddr(0x1000) + LoadBias(0x7f0000000000), Address(0x7f0000001000));
}
TEST(Addresses, ABiasMayWrap) {
  LoadBias bias = bias_between(Address(0x1000), Vaddr(0x400000));
  EXPECT_EQ(Vaddr(0x400010) + bias, Address(0x1010));
  EXPECT_EQ(Address(0x1010) - bias, Vaddr(0x400010));
}
TEST(Addresses, RangeHoldsItsStartAndNotItsEnd) {
  AddressRange range{Address(0x1000), Address(0x2000)};
  EXPECT_TRUE(range.contains(Address(0x1000)));
  EXPECT_TRUE(range.contains(Address(0x1fff)));
  EXPECT_FALSE(range.contains(Address(0x2000)));
  EXPECT_FALSE(range.contains(Address(0xfff)));
  EXPECT_EQ(range.length(), ByteCount(0x1000));
}
TEST(Addresses, RangeThatEndsBeforeItsStartIsEmpty) {
  EXPECT_TRUE((AddressRange{Address(2), Address(1)}.empty()));
  EXPECT_TRUE((AddressRange{Address(2), Address(2)}.empty()));
  EXPECT_FALSE((AddressRange{Address(2), Address(3)}.empty()));
}

}  // namespace
}  // namespace ldseal
