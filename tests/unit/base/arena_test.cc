#include "ldso/base/arena.h"

#include <cstring>
#include <gtest/gtest.h>
#include <vector>

#include "tests/lib_cc/heap_arena.h"

namespace ldseal {
namespace {

using testing_tools::HeapArena;

// Gives pieces of exactly what is asked, filled with zeroes, and remembers the sizes asked for.
std::vector<size_t> asked;
void* exact_pages(Arena&, size_t least, size_t& given) {
  static std::vector<std::unique_ptr<unsigned char[]>> pieces;
  asked.push_back(least);
  given = least;
  pieces.push_back(std::make_unique<unsigned char[]>(least));
  return pieces.back().get();
}

TEST(Arena, AlignsEveryPiece) {
  HeapArena arena;
  for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
    arena.allocate(1, 1);  // so that the next is not aligned by luck
    auto at = reinterpret_cast<uintptr_t>(arena.allocate(3, alignment));
    EXPECT_EQ(at % alignment, 0u) << alignment;
  }
}

TEST(Arena, PiecesDoNotOverlap) {
  HeapArena arena;
  std::vector<unsigned char*> pieces;
  for (int i = 0; i < 1000; ++i) {
    auto* piece = static_cast<unsigned char*>(arena.allocate(100, 8));
    std::memset(piece, i % 251, 100);
    pieces.push_back(piece);
  }
  for (int i = 0; i < 1000; ++i) {
    for (int k = 0; k < 100; ++k) ASSERT_EQ(pieces[i][k], i % 251) << i;
  }
}

TEST(Arena, AsksForMorePagesOnlyWhenAPieceDoesNotFit) {
  asked.clear();
  Arena arena(exact_pages);
  arena.allocate(64, 1);
  size_t first = asked.at(0);
  for (size_t used = 64; used < first; ++used) arena.allocate(1, 1);
  EXPECT_EQ(asked.size(), 1u);
  arena.allocate(1, 1);
  EXPECT_EQ(asked.size(), 2u);
}

TEST(Arena, ALargeRequestGetsNewPagesThoughItFits) {
  asked.clear();
  std::vector<unsigned char> piece(2 * Arena::kLarge);
  Arena arena(piece, exact_pages);
  arena.allocate(Arena::kLarge - 1, 1);
  EXPECT_EQ(asked.size(), 0u);
  arena.allocate(Arena::kLarge, 1);
  EXPECT_EQ(asked.size(), 1u);
}

TEST(Arena, APieceLargerThanAnyPageIsServed) {
  HeapArena arena;
  constexpr size_t kLarge = 10 << 20;
  auto* piece = static_cast<unsigned char*>(arena.allocate(kLarge, 64));
  piece[0] = piece[kLarge - 1] = 1;
  EXPECT_EQ(reinterpret_cast<uintptr_t>(piece) % 64, 0u);
}

TEST(Arena, CopyEndsInANul) {
  HeapArena arena;
  EXPECT_STREQ(arena.copy(std::string_view("library", 3)), "lib");
}

TEST(Arena, MakeArrayConstructsEveryItem) {
  struct Item {
    int value = 7;
  };
  HeapArena arena;
  Item* items = arena.make_array<Item>(10);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(items[i].value, 7);
}

TEST(Arena, ZeroedArrayIsZero) {
  HeapArena arena;
  auto* numbers = arena.make_zeroed_array<uint64_t>(100);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(numbers[i], 0u);
}

TEST(List, KeepsItsItemsWhenItGrows) {
  HeapArena arena;
  List<int> list;
  for (int i = 0; i < 1000; ++i) list.add(arena, i);
  ASSERT_EQ(list.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(list[i], i);
}

TEST(List, GrowsWithinItsReserveWithoutMoving) {
  HeapArena arena;
  List<int> list;
  list.reserve(arena, 100);
  list.add(arena, 1);
  const int* before = list.begin();
  for (int i = 0; i < 99; ++i) list.add(arena, i);
  EXPECT_EQ(list.begin(), before);
}

TEST(List, IsEmptyUntilSomethingIsAddedAndAfterClear) {
  HeapArena arena;
  List<int> list;
  EXPECT_TRUE(list.empty());
  list.add(arena, 1);
  EXPECT_FALSE(list.empty());
  list.clear();
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.begin(), list.end());
}

}  // namespace
}  // namespace ldseal
