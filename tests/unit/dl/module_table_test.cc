// Which object an address belongs to: alone, and while one thread changes the table and others read
// it.
#include "ldso/dl/module_table.h"

#include <atomic>
#include <csignal>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <sys/time.h>
#include <thread>
#include <vector>

namespace ldseal {
namespace {

// An object whose link_map tells its range, so that an entry of parts of two objects shows.
Module object(uint64_t start, uint64_t end) {
  Module m;
  m.span = {Address(start), Address(end)};
  m.link_map = reinterpret_cast<LinkMap*>(start * 3 + end);
  return m;
}

bool is_whole(const ModuleEntry& e) {
  return reinterpret_cast<uintptr_t>(e.link_map) == e.start * 3 + e.end && e.eh_frame == nullptr;
}

class Objects {
 public:
  void add(uint64_t start, uint64_t end) {
    modules_.push_back(std::make_unique<Module>(object(start, end)));
    pointers_.push_back(modules_.back().get());
  }
  std::span<Module* const> span() const { return pointers_; }

 private:
  std::vector<std::unique_ptr<Module>> modules_;
  std::vector<Module*> pointers_;
};

void fill(ModuleTable& table, const Objects& objects) {
  ASSERT_TRUE(table.reserve(objects.span().size()));
  table.replace(objects.span());
}

// The start of what is at `address`; 0: nothing.
uint64_t found_at(const ModuleTable& table, uint64_t address) {
  ModuleEntry entry;
  return table.find(Address(address), entry) ? entry.start : 0;
}

TEST(ModuleTable, KnowsNothingAtFirst) {
  ModuleTable table;
  EXPECT_EQ(found_at(table, 0x1000), 0u);
}

TEST(ModuleTable, AnObjectReachesFromItsFirstByteToItsLast) {
  ModuleTable table;
  Objects objects;
  objects.add(0x1000, 0x3000);
  fill(table, objects);
  EXPECT_EQ(found_at(table, 0xfff), 0u);
  EXPECT_EQ(found_at(table, 0x1000), 0x1000u);
  EXPECT_EQ(found_at(table, 0x2fff), 0x1000u);
  EXPECT_EQ(found_at(table, 0x3000), 0u);
}

TEST(ModuleTable, FindsEachOfManyInWhateverOrderTheyCame) {
  std::mt19937_64 random(3);
  std::vector<uint64_t> starts;
  for (uint64_t i = 1; i <= 500; ++i) starts.push_back(i * 0x10000);
  std::shuffle(starts.begin(), starts.end(), random);
  Objects objects;
  for (uint64_t start : starts) objects.add(start, start + 0x8000);
  ModuleTable table;
  fill(table, objects);
  for (uint64_t start : starts) {
    ASSERT_EQ(found_at(table, start + 0x7fff), start);
    ASSERT_EQ(found_at(table, start + 0x8000), 0u);
  }
}

TEST(ModuleTable, GivesEverythingAboutTheObject) {
  Module m = object(0x1000, 0x2000);
  Phdr frame = {};
  frame.p_vaddr = 0x40;
  m.segments.eh_frame = &frame;
  m.bias = LoadBias(0x1000);
  ModuleTable table;
  ASSERT_TRUE(table.reserve(1));
  Module* const all[] = {&m};
  table.replace(all);
  ModuleEntry entry;
  ASSERT_TRUE(table.find(Address(0x1234), entry));
  EXPECT_EQ(entry.end, 0x2000u);
  EXPECT_EQ(entry.link_map, m.link_map);
  EXPECT_EQ(entry.eh_frame, reinterpret_cast<void*>(0x1040));
}

TEST(ModuleTable, WhatIsReplacedIsGone) {
  ModuleTable table;
  Objects before, after;
  before.add(0x1000, 0x2000);
  before.add(0x5000, 0x6000);
  after.add(0x5000, 0x6000);
  fill(table, before);
  fill(table, after);
  EXPECT_EQ(found_at(table, 0x1000), 0u);
  EXPECT_EQ(found_at(table, 0x5000), 0x5000u);
  table.replace({});
  EXPECT_EQ(found_at(table, 0x5000), 0u);
}

TEST(ModuleTable, HasTheLinkMapsOfItsObjectsAlone) {
  ModuleTable table;
  Objects before, after;
  before.add(0x1000, 0x2000);
  before.add(0x5000, 0x6000);
  after.add(0x5000, 0x6000);
  const void* first = before.span()[0]->link_map;
  const void* second = before.span()[1]->link_map;
  EXPECT_FALSE(table.has(first));
  fill(table, before);
  EXPECT_TRUE(table.has(first));
  EXPECT_TRUE(table.has(second));
  fill(table, after);
  EXPECT_FALSE(table.has(first));
  EXPECT_TRUE(table.has(second));
}

TEST(ModuleTable, MakingRoomForgetsNothing) {
  ModuleTable table;
  Objects objects;
  for (uint64_t i = 1; i <= 10; ++i) objects.add(i * 0x10000, i * 0x10000 + 1);
  fill(table, objects);
  for (size_t count : {11u, 33u, 1000u}) {
    ASSERT_TRUE(table.reserve(count));
    for (uint64_t i = 1; i <= 10; ++i) ASSERT_EQ(found_at(table, i * 0x10000), i * 0x10000);
  }
}

// While `write` runs again and again, each reader asks for addresses that are always in an object.
// Whatever it gets must be one that holds the address, whole.
template <class Write>
void read_while_writing(const ModuleTable& table, const std::vector<uint64_t>& always_there,
                        const Write& write) {
  std::atomic<bool> must_stop = false;
  std::atomic<long> answers = 0, not_found = 0, torn = 0;
  auto read = [&] {
    for (size_t i = 0; !must_stop; ++i) {
      uint64_t address = always_there[i % always_there.size()];
      ModuleEntry entry;
      if (!table.find(Address(address), entry)) {
        ++not_found;
      } else if (!is_whole(entry) || address < entry.start || address >= entry.end) {
        ++torn;
      }
      ++answers;
    }
  };
  std::thread first(read), second(read);
  while (answers == 0) std::this_thread::yield();
  for (int round = 0; round < 30'000; ++round) write(round);
  must_stop = true;
  first.join();
  second.join();
  EXPECT_EQ(not_found, 0);
  EXPECT_EQ(torn, 0);
}

// Two sets that share no range but some addresses, of different sizes, so that every entry moves.
struct TwoSets {
  Objects wide, narrow;
  std::vector<uint64_t> common;
  TwoSets() {
    for (uint64_t i = 1; i <= 40; ++i) {
      uint64_t at = i * 0x10000;
      wide.add(at, at + 0x8000);
      narrow.add(at + 0x1000, at + 0x5000);
      narrow.add(at + 0x9000, at + 0xa000);
      common.push_back(at + 0x2000);
    }
  }
};

TEST(ModuleTable, NoReaderGetsPartsOfTwoObjects) {
  ModuleTable table;
  TwoSets sets;
  ASSERT_TRUE(table.reserve(80));
  table.replace(sets.wide.span());
  read_while_writing(table, sets.common, [&](int round) {
    table.replace(round % 2 == 0 ? sets.narrow.span() : sets.wide.span());
  });
}

// A timer interrupts the reader anywhere, and the whole table is replaced meanwhile, several times, as
// if the reader had not run for long.
struct Interruption {
  ModuleTable* table;
  const TwoSets* sets;
  int count;
};
Interruption interruption;

void replace_several_times(int) {
  Interruption& i = interruption;
  for (int round = 0; round < 2 + i.count % 2; ++round)
    i.table->replace((i.count + round) % 2 == 0 ? i.sets->narrow.span() : i.sets->wide.span());
  ++i.count;
}

TEST(ModuleTable, AReaderThatDidNotRunForLongBeginsAnew) {
  constexpr int kInterruptions = 10'000;
  ModuleTable table;
  TwoSets sets;
  ASSERT_TRUE(table.reserve(80));
  table.replace(sets.wide.span());
  interruption = {&table, &sets, 0};
  auto before = std::signal(SIGALRM, replace_several_times);
  constexpr itimerval kOften = {{0, 50}, {0, 50}}, kNever = {};
  setitimer(ITIMER_REAL, &kOften, nullptr);
  long wrong = 0;
  for (size_t n = 0; __atomic_load_n(&interruption.count, __ATOMIC_RELAXED) < kInterruptions; ++n) {
    uint64_t address = sets.common[n % sets.common.size()];
    ModuleEntry entry;
    bool found = table.find(Address(address), entry);
    if (!found || !is_whole(entry) || address < entry.start || address >= entry.end) ++wrong;
  }
  setitimer(ITIMER_REAL, &kNever, nullptr);
  std::signal(SIGALRM, before);
  EXPECT_EQ(wrong, 0);
}

TEST(ModuleTable, ReadersGoOnWhileItGrows) {
  TwoSets sets;
  ModuleTable table;
  ASSERT_TRUE(table.reserve(40));
  table.replace(sets.wide.span());
  size_t room = 40;
  read_while_writing(table, sets.common, [&](int round) {
    constexpr int kSeldom = 5000;  // what is outgrown stays
    if (round % kSeldom == 0) room *= 2;
    ASSERT_TRUE(table.reserve(room));
    table.replace(round % 2 == 1 && room >= 80 ? sets.narrow.span() : sets.wide.span());
  });
}

}  // namespace
}  // namespace ldseal
