// Where a PLT is found, what of it counts, and what binding it changes: in an object that is made
// of its bytes.
#include "ldso/link/plt.h"

#include <array>
#include <cstring>
#include <gtest/gtest.h>
#include <string_view>
#include <vector>

#include "arch/native.h"
#include "tests/lib_cc/heap_arena.h"

namespace ldseal {
namespace {

using namespace testing_tools;

constexpr PageSize kSmallPage{0x1000};
constexpr uint64_t kText = 0x1000, kTextEnd = 0x3000, kData = 0x4000, kEnd = 0x8000;
constexpr size_t kStub = 16;

// An object of three segments. Its text is empty but for the stubs that a test puts there.
class Object {
 public:
  explicit Object(uint64_t relro_end = kData) {
    headers_ = {load(PF_R | PF_X, kText, kTextEnd), load(PF_R | PF_W, kData, kEnd)};
    relro_ = load(PF_R, kData, relro_end);
    module.segments.headers = headers_;
    module.segments.relro = &relro_;
    module.bias = LoadBias(reinterpret_cast<uintptr_t>(memory_.data()));
  }

  // Adds a relocation for the word at `slot`, which points to `target`.
  void add_slot(uint64_t slot, uint64_t target) {
    Rela r = {slot, type_of(RelocationKind::kCallSlot), 0};
    relocations_.push_back(r);
    module.tables.plt = relocations_;
    std::memcpy(&memory_[slot], &target, sizeof target);
  }
  // Writes the stub of x86-64's .plt for `slot`.
  void add_stub(uint64_t at, uint64_t slot) {
    std::array<unsigned char, kStub> code = {0xff, 0x25, 0, 0, 0, 0, 0x68, 0, 0, 0, 0, 0xe9};
    auto distance = static_cast<int32_t>(slot - (at + 6));
    std::memcpy(&code[2], &distance, sizeof distance);
    std::memcpy(&memory_[at], code.data(), code.size());
  }
  void add_both(uint64_t at, uint64_t first_slot, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      add_slot(first_slot + 8 * i, kFar + i);
      add_stub(at + kStub * i, first_slot + 8 * i);
    }
  }
  CallSlots slots() const { return find_call_slots(module, kSmallPage); }
  PltStubs stubs() { return find_plt_stubs(module, slots(), arena_); }
  uint64_t vaddr(Address a) const { return (a - module.bias).value; }
  // Binds a copy of the text. Returns the copy.
  std::vector<unsigned char> bound(size_t& count) {
    std::vector<unsigned char> copy(memory_.begin() + kText, memory_.begin() + kTextEnd);
    count = bind_stubs(copy, Vaddr(kText) + module.bias, stubs(), slots());
    return copy;
  }

  static constexpr uint64_t kFar = 0x1234567890;
  Module module;

 private:
  static Phdr load(uint32_t flags, uint64_t start, uint64_t end) {
    return {PT_LOAD, flags, start, start, start, end - start, end - start, 0x1000};
  }
  static uint64_t type_of(RelocationKind kind) {
    uint64_t type = 0;
    while (Native::kind(static_cast<uint32_t>(type)) != kind) ++type;
    return type;
  }

  alignas(kSmallPage.value) std::array<unsigned char, kEnd> memory_ = {};
  std::array<Phdr, 2> headers_;
  Phdr relro_;
  std::vector<Rela> relocations_;
  HeapArena arena_;
};

class Plt : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string_view(Native::kPlatform) != "x86_64") {
      GTEST_SKIP() << "the stubs are those of x86-64";
    }
  }
};

TEST(CallSlots, AreTheSlotsOutsideOfRelro) {
  Object o(0x5000);
  for (uint64_t at : {0x4ff0, 0x4ff8, 0x5000, 0x5008, 0x5010}) o.add_slot(at, 1);
  CallSlots slots = o.slots();
  EXPECT_EQ(slots.count, 3u);
  EXPECT_EQ(o.vaddr(slots.words.start), 0x5000u);
  EXPECT_EQ(o.vaddr(slots.words.end), 0x5018u);
  EXPECT_TRUE(slots.whole_pages.empty());
}
TEST(CallSlots, AreNoneOfAnObjectThatIsBoundAtOnce) {
  Object o(0x6000);
  o.module.dynamic.flags = DF_BIND_NOW;
  for (uint64_t at : {0x5000, 0x5008}) o.add_slot(at, 1);
  EXPECT_EQ(o.slots().count, 0u);
}
TEST(CallSlots, CountEvenThenIfTheyAreNotRelro) {
  Object o;
  o.module.dynamic.flags = DF_BIND_NOW;
  o.add_slot(0x5000, 1);
  EXPECT_EQ(o.slots().count, 1u);
}
TEST(CallSlots, FillWholePages) {
  Object o(0x5000);
  for (uint64_t at = 0x5000; at < 0x6010; at += 8) o.add_slot(at, 1);
  CallSlots slots = o.slots();
  EXPECT_EQ(o.vaddr(slots.whole_pages.start), 0x5000u);
  EXPECT_EQ(o.vaddr(slots.whole_pages.end), 0x6000u);
  EXPECT_EQ(slots.count_in_whole_pages, 512u);
  EXPECT_FALSE(slots.need_stub(Vaddr(0x5ff8) + o.module.bias));
  EXPECT_TRUE(slots.need_stub(Vaddr(0x6000) + o.module.bias));
}
TEST(CallSlots, FillAPageWithTheWordsThatTheLinkerKeepsInFrontOfThem) {
  Object o;
  const Dyn table[] = {{DT_PLTGOT, {0x5000}}};
  o.module.dynamic.entries = table;
  for (uint64_t at = 0x5018; at < 0x6000; at += 8) o.add_slot(at, 1);
  CallSlots slots = o.slots();
  EXPECT_EQ(o.vaddr(slots.whole_pages.start), 0x5000u);
  EXPECT_EQ(slots.count_in_whole_pages, 509u);
  EXPECT_EQ(slots.count, 509u);
}
TEST(CallSlots, WithOtherWordsBetweenThemFillNoPage) {
  Object o(0x5000);
  for (uint64_t at = 0x5000; at < 0x6010; at += 8) {
    if (at != 0x5800) o.add_slot(at, 1);
  }
  EXPECT_TRUE(o.slots().whole_pages.empty());
}

TEST_F(Plt, IsFoundAtTheStartOfTheSegment) {
  Object o;
  o.add_both(kText + 48, 0x5000, 3);
  PltStubs stubs = o.stubs();
  EXPECT_EQ(stubs.found, 3u);
  EXPECT_EQ(o.vaddr(stubs.code.start), kText + 48);
  EXPECT_EQ(o.vaddr(stubs.code.end), kText + 48 + 3 * kStub);
}
TEST_F(Plt, IsFoundAtTheEndOfTheSegment) {
  Object o;
  o.add_both(kTextEnd - 3 * kStub, 0x5000, 3);
  EXPECT_EQ(o.stubs().found, 3u);
}
TEST_F(Plt, ElsewhereIsNotFound) {
  Object o;
  o.add_both(kText + 0x800, 0x5000, 3);
  EXPECT_EQ(o.stubs().found, 0u);
  EXPECT_TRUE(o.stubs().code.empty());
}
TEST_F(Plt, GoesOnBehindASmallGap) {
  Object o;
  o.add_both(kText, 0x5000, 2);
  o.add_both(kText + 2 * kStub + 64, 0x5010, 2);
  EXPECT_EQ(o.stubs().found, 4u);
}
TEST_F(Plt, WithoutAStubForASlotLacksIt) {
  Object o;
  o.add_both(kText, 0x5000, 2);
  o.add_slot(0x5010, 1);
  EXPECT_EQ(o.stubs().found, 2u);
}
TEST_F(Plt, TwoStubsOfOneSlotCountOnce) {
  Object o;
  o.add_both(kText, 0x5000, 1);
  o.add_stub(kText + kStub, 0x5000);
  o.add_slot(0x5008, 1);
  EXPECT_EQ(o.stubs().found, 1u);
}
TEST_F(Plt, OfSlotsInWholePagesNeedsNoChange) {
  Object o(0x5000);
  o.add_both(kText, 0x5000, 512);
  EXPECT_TRUE(o.stubs().code.empty());
}
TEST_F(Plt, StubsOfOtherSlotsStayAsTheyAre) {
  Object o;
  o.add_both(kText, 0x5000, 1);
  o.add_stub(kText + kStub, 0x4100);
  o.add_stub(kText + 2 * kStub, 0x5000);
  size_t count = 0;
  std::vector<unsigned char> before(kStub), code = o.bound(count);
  EXPECT_EQ(count, 2u);
  EXPECT_EQ(code[kStub + 2], static_cast<unsigned char>((0x4100 - (kText + kStub + 6)) & 0xff));
}
TEST_F(Plt, WhichCannotBeReadIsLeft) {
  Object o;
  o.add_both(kText, 0x5000, 1);
  auto* text = const_cast<Phdr*>(o.module.segments.headers.data());
  text->p_flags = PF_X;
  EXPECT_EQ(o.stubs().found, 0u);
  text->p_flags = PF_R | PF_W | PF_X;
  EXPECT_EQ(o.stubs().found, 0u);
}

TEST_F(Plt, BoundStubsHoldWhereTheirSlotsPoint) {
  Object o;
  o.add_both(kText, 0x5000, 2);
  size_t count = 0;
  std::vector<unsigned char> code = o.bound(count);
  EXPECT_EQ(count, 2u);
  for (size_t i = 0; i < 2; ++i) {
    uint64_t target = 0;
    std::memcpy(&target, &code[i * kStub + 6], sizeof target);
    EXPECT_EQ(target, Object::kFar + i);
  }
}
TEST_F(Plt, AStubWhoseSlotIsNotBoundKeepsIt) {
  Object o;
  o.add_both(kText + kStub, 0x5000, 1);
  o.add_slot(0x5008, (Vaddr(kText + 2 * kStub + 6) + o.module.bias).value);
  o.add_stub(kText + 2 * kStub, 0x5008);
  size_t count = 0;
  o.bound(count);
  EXPECT_EQ(count, 1u);
}

// endbr64; push; jmp and endbr64; jmp *; nop, as where stubs have a section of their own.
TEST_F(Plt, StubsWithLandingPadsKeepTheirTargetsInEntriesForLazyBinding) {
  Object o;
  auto* text = (Vaddr(kText) + o.module.bias).as<unsigned char>();
  const unsigned char lazy[kStub] = {0xf3, 0x0f, 0x1e, 0xfa, 0x68, 0, 0,    0,
                                     0,    0xe9, 0,    0,    0,    0, 0x66, 0x90};
  unsigned char stub[kStub] = {0xf3, 0x0f, 0x1e, 0xfa, 0xff, 0x25, 0, 0,
                               0,    0,    0x66, 0x0f, 0x1f, 0x44, 0, 0};
  for (uint64_t i = 0; i < 2; ++i) {
    o.add_slot(0x5000 + 8 * i, Object::kFar + i);
    std::memcpy(text + kStub * i, lazy, kStub);
    auto distance = static_cast<int32_t>(0x5000 + 8 * i - (kText + kStub * (2 + i) + 10));
    std::memcpy(stub + 6, &distance, sizeof distance);
    std::memcpy(text + kStub * (2 + i), stub, kStub);
  }
  EXPECT_EQ(o.vaddr(o.stubs().memory().start), kText + kStub);
  size_t count = 0;
  std::vector<unsigned char> code = o.bound(count);
  EXPECT_EQ(count, 2u);
  for (uint64_t i = 0; i < 2; ++i) {
    int32_t distance = 0;
    uint64_t target = 0, at = kStub * (2 + i);
    std::memcpy(&distance, &code[at + 6], sizeof distance);
    std::memcpy(&target, &code[at + 10 + static_cast<uint64_t>(int64_t{distance})], sizeof target);
    EXPECT_EQ(target, Object::kFar + i);
  }
}

}  // namespace
}  // namespace ldseal
