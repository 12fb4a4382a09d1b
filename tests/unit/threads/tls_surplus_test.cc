// Places in the surplus: aligned with their skew, never shared, and used again once they are given back.
#include "ldso/threads/tls_surplus.h"

#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace ldseal {
namespace {

TlsBlock block(uint64_t size, uint64_t alignment = 8, uint64_t p_vaddr = 0) {
  TlsBlock b;
  b.image = Vaddr(p_vaddr);
  b.size = ByteCount(size);
  b.alignment = alignment;
  return b;
}

TEST(TlsSurplus, TakesABlockOfItsWholeSize) {
  TlsSurplus surplus;
  EXPECT_EQ(surplus.take(block(kTlsSurplus.value)), 0u);
  EXPECT_EQ(surplus.left(), ByteCount(0));
}

TEST(TlsSurplus, RefusesABlockThatIsOneByteTooLarge) {
  TlsSurplus surplus;
  EXPECT_EQ(surplus.take(block(kTlsSurplus.value + 1)), std::nullopt);
  EXPECT_EQ(surplus.left(), kTlsSurplus);
}

TEST(TlsSurplus, HasMoreWhereItIsWidened) {
  TlsSurplus surplus;
  surplus.widen(ByteCount(1024));
  EXPECT_EQ(surplus.left(), kTlsSurplus + ByteCount(1024));
  EXPECT_EQ(surplus.take(block(kTlsSurplus.value + 1025)), std::nullopt);
  EXPECT_EQ(surplus.take(block(kTlsSurplus.value + 1024)), 0u);
}

TEST(TlsSurplus, RefusesASizeThatWraps) {
  TlsSurplus surplus;
  EXPECT_EQ(surplus.take(block(~uint64_t{0} - 8)), std::nullopt);
}

TEST(TlsSurplus, RefusesWhatDoesNotFitIntoTheRest) {
  TlsSurplus surplus;
  ASSERT_TRUE(surplus.take(block(kTlsSurplus.value - 64)));
  EXPECT_EQ(surplus.take(block(65)), std::nullopt);
  EXPECT_TRUE(surplus.take(block(64)));
}

TEST(TlsSurplus, KeepsTheSkewOfTheImage) {
  TlsSurplus surplus;
  EXPECT_EQ(surplus.take(block(8, 64, 0x1028)), 0x28u);
}

TEST(TlsSurplus, GivesAPlaceAgainThatCameBack) {
  TlsSurplus surplus;
  ASSERT_TRUE(surplus.take(block(100)));
  std::optional<uint64_t> middle = surplus.take(block(100));
  ASSERT_TRUE(surplus.take(block(100)));
  surplus.give_back(*middle, ByteCount(100));
  EXPECT_EQ(surplus.take(block(100)), middle);
}

TEST(TlsSurplus, NeverGivesAPlaceTwice) {
  std::mt19937_64 random(11);
  TlsSurplus surplus;
  struct Place {
    uint64_t offset, size;
  };
  std::vector<Place> places;
  for (int round = 0; round < 20000; ++round) {
    if (!places.empty() && random() % 2 == 0) {
      size_t which = random() % places.size();
      surplus.give_back(places[which].offset, ByteCount(places[which].size));
      places.erase(places.begin() + static_cast<long>(which));
      continue;
    }
    TlsBlock wanted = block(1 + random() % 300, uint64_t{1} << (random() % 7), random() % 0x1000);
    std::optional<uint64_t> offset = surplus.take(wanted);
    if (!offset) continue;
    ASSERT_EQ(*offset % wanted.alignment, wanted.image.value % wanted.alignment);
    ASSERT_LE(*offset + wanted.size.value, kTlsSurplus.value);
    for (const Place& p : places) {
      ASSERT_TRUE(*offset + wanted.size.value <= p.offset || p.offset + p.size <= *offset);
    }
    places.push_back({*offset, wanted.size.value});
  }
}

}  // namespace
}  // namespace ldseal
