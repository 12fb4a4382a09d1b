// mem/heap: blocks are aligned, zeroed, apart from each other, and used again.
#include "ldso/mem/heap.h"

#include <cstring>
#include <gtest/gtest.h>
#include <set>
#include <thread>
#include <vector>

namespace ldseal {
namespace {

bool is_zero(const void* memory, size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(memory);
  for (size_t i = 0; i < size; ++i) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

TEST(Heap, BlocksDoNotOverlap) {
  constexpr size_t kSizes[] = {1, 16, 33, 100, 500, 4000, 32768, 100000};
  std::vector<std::pair<unsigned char*, size_t>> blocks;
  unsigned char mark = 0;
  for (int round = 0; round < 20; ++round) {
    for (size_t size : kSizes) {
      auto* block = static_cast<unsigned char*>(heap.allocate(size));
      ASSERT_NE(block, nullptr);
      std::memset(block, ++mark, size);
      blocks.emplace_back(block, size);
    }
  }
  mark = 0;
  for (auto [block, size] : blocks) {
    ++mark;
    for (size_t i = 0; i < size; ++i) ASSERT_EQ(block[i], mark);
    heap.release(block, size);
  }
}

TEST(Heap, EveryAlignmentAskedForIsGiven) {
  for (size_t alignment = 1; alignment <= size_t{1} << 20; alignment *= 2) {
    for (size_t size : {size_t{1}, alignment, 3 * alignment, size_t{48}}) {
      void* block = heap.allocate(size, alignment);
      ASSERT_NE(block, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % alignment, 0u) << size << " at " << alignment;
      std::memset(block, 1, size);
      heap.release(block, size, alignment);
    }
  }
}

TEST(Heap, AReleasedBlockComesBackZeroed) {
  for (size_t size : {size_t{24}, size_t{700}, size_t{32768}, size_t{200000}}) {
    void* first = heap.allocate(size);
    std::memset(first, 0xff, size);
    heap.release(first, size);
    void* second = heap.allocate(size);
    EXPECT_TRUE(is_zero(second, size)) << size;
    heap.release(second, size);
  }
}

TEST(Heap, AReleasedBlockIsUsedAgain) {
  std::set<void*> seen;
  for (int round = 0; round < 100'000; ++round) {
    void* block = heap.allocate(300, 64);
    seen.insert(block);
    heap.release(block, 300, 64);
  }
  EXPECT_EQ(seen.size(), 1u);
}

TEST(Heap, NullIsReleasedToNoEffect) { heap.release(nullptr, 100); }

TEST(Heap, ThreadsDoNotGetTheSameBlock) {
  auto work = [] {
    for (int round = 0; round < 20'000; ++round) {
      auto* block = static_cast<uint64_t*>(heap.allocate(64));
      ASSERT_TRUE(is_zero(block, 64));
      *block = reinterpret_cast<uintptr_t>(&round);
      ASSERT_EQ(*block, reinterpret_cast<uintptr_t>(&round));
      heap.release(block, 64);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

TEST(HeapList, KeepsItsItemsInOrderAsItGrows) {
  RecordList<int> list;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(list.add(i));
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(list[static_cast<size_t>(i)], i);
  list.release();
  EXPECT_TRUE(list.empty());
}

TEST(HeapList, KeepsTheOrderOfWhatIsNotRemoved) {
  RecordList<int> list;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(list.add(i));
  list.remove_if([](int i) { return i % 3 == 0; });
  EXPECT_EQ(std::vector<int>(list.begin(), list.end()), (std::vector<int>{1, 2, 4, 5, 7, 8}));
  list.release();
}

TEST(TemporaryArena, GivesItsMemoryBack) {
  void* first = nullptr;
  for (int round = 0; round < 1000; ++round) {
    TemporaryArena arena;
    void* got = arena.allocate(1500, 8);
    if (first == nullptr) first = got;
    ASSERT_EQ(got, first);
    ASSERT_TRUE(is_zero(got, 1500));
    std::memset(got, 1, 1500);
    for (int i = 0; i < 10; ++i) std::memset(arena.allocate(3000, 8), 2, 3000);
  }
}

}  // namespace
}  // namespace ldseal
