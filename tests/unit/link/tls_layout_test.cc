// Both variants of thread-local storage, against the formulas by which linkers compute a program's own offsets.
#include "ldso/link/tls_layout.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "tests/lib_cc/described.h"
#include "tests/lib_cc/error_text.h"

namespace ldseal {
namespace {

using testing_tools::outcome;

constexpr uint64_t kHeader = 16;  // AArch64: two words at the thread pointer

class Blocks {
 public:
  Module& add(uint64_t p_vaddr, uint64_t size, uint64_t alignment) {
    Module& m = modules_.emplace_back();
    m.file_path = "block.so";
    m.tls.image = Vaddr(p_vaddr);
    m.tls.size = ByteCount(size);
    m.tls.alignment = alignment;
    order_.push_back(&m);
    return m;
  }
  Result<TlsLayout> lay_out(TlsVariant variant) {
    bool above = variant == TlsVariant::kAboveThreadPointer;
    return lay_out_tls({order_.data(), order_.size()}, variant, above ? kHeader : 0,
                       TlsRoom::kForOpened);
  }
  Module& operator[](size_t i) { return modules_[i]; }
  size_t size() const { return modules_.size(); }
  std::span<Module* const> order() const { return {order_.data(), order_.size()}; }

 private:
  std::deque<Module> modules_;
  std::vector<Module*> order_;
};

struct ProgramCase {
  uint64_t p_vaddr, size, alignment;
};

class ProgramBlock : public testing::TestWithParam<ProgramCase> {};
INSTANTIATE_TEST_SUITE_P(Shapes, ProgramBlock,
                         testing::Values(ProgramCase{0x3000, 16, 8}, ProgramCase{0x3008, 1, 1},
                                         ProgramCase{0x3db8, 0x48, 8}, ProgramCase{0x3010, 20, 64},
                                         ProgramCase{0x3001, 3, 4},
                                         ProgramCase{0x403ff0, 0x1000, 4096},
                                         ProgramCase{0x10, 100, 0x10000}));

TEST_P(ProgramBlock, LiesWhereTheLinkerExpectsItBelowTheThreadPointer) {
  auto [p_vaddr, size, alignment] = GetParam();
  Blocks blocks;
  blocks.add(p_vaddr, size, alignment);
  auto layout = blocks.lay_out(TlsVariant::kBelowThreadPointer);
  ASSERT_TRUE(layout);
  // lld, getTlsTpOffset, x86-64: -(p_memsz) - ((-p_vaddr - p_memsz) & (p_align - 1)).
  uint64_t expected = 0 - size - ((0 - p_vaddr - size) & (alignment - 1));
  EXPECT_EQ(static_cast<uint64_t>(blocks[0].tls.offset), expected);
  EXPECT_EQ(layout->alignment, std::max(alignment, kTlsSurplusAlignment));
}

TEST_P(ProgramBlock, LiesWhereTheLinkerExpectsItAboveTheThreadPointer) {
  auto [p_vaddr, size, alignment] = GetParam();
  Blocks blocks;
  blocks.add(p_vaddr, size, alignment);
  auto layout = blocks.lay_out(TlsVariant::kAboveThreadPointer);
  ASSERT_TRUE(layout);
  // lld, getTlsTpOffset, AArch64: 16 + ((p_vaddr - 16) & (p_align - 1)).
  uint64_t expected = kHeader + ((p_vaddr - kHeader) & (alignment - 1));
  EXPECT_EQ(static_cast<uint64_t>(blocks[0].tls.offset), expected);
  EXPECT_EQ(layout->alignment, std::max(alignment, kTlsSurplusAlignment));
}

TEST_P(ProgramBlock, OfAProgramThatIsAloneLiesInTheSamePlace) {
  auto [p_vaddr, size, alignment] = GetParam();
  for (TlsVariant variant : {TlsVariant::kBelowThreadPointer, TlsVariant::kAboveThreadPointer}) {
    Blocks blocks;
    blocks.add(p_vaddr, size, alignment);
    ASSERT_TRUE(blocks.lay_out(variant));
    TlsBlock alone{Vaddr(p_vaddr), ByteCount(0), ByteCount(size), alignment};
    bool above = variant == TlsVariant::kAboveThreadPointer;
    TlsLayout layout = lay_out_alone(alone, variant, above ? kHeader : 0);
    EXPECT_EQ(alone.offset, blocks[0].tls.offset);
    EXPECT_EQ(layout.alignment, alignment);
    auto end = layout.start + static_cast<int64_t>(layout.size.value);
    EXPECT_LE(layout.start, alone.offset);
    EXPECT_GE(end, alone.offset + static_cast<int64_t>(size));
    EXPECT_EQ(above ? layout.start : end, above ? static_cast<int64_t>(kHeader) : 0);
  }
}

class Variant : public testing::TestWithParam<TlsVariant> {};
INSTANTIATE_TEST_SUITE_P(Of, Variant,
                         testing::Values(TlsVariant::kAboveThreadPointer,
                                         TlsVariant::kBelowThreadPointer),
                         [](const auto& info) {
                           return info.param == TlsVariant::kAboveThreadPointer ? "Above" : "Below";
                         });

constexpr uint64_t kOurs = round_up(sizeof(ThreadArea), kTlsSurplusAlignment) + kTlsSurplus.value;

TEST_P(Variant, NobodyWithABlockLeavesOurWordsAndTheSurplus) {
  Blocks blocks;
  blocks.add(0, 0, 1);
  auto layout = blocks.lay_out(GetParam());
  ASSERT_TRUE(layout);
  EXPECT_LE(layout->size, ByteCount(kOurs));
  EXPECT_EQ(layout->alignment, kTlsSurplusAlignment);
}

TEST_P(Variant, WithoutRoomForOpenedModulesOnlyTheFirstWordsAreAdded) {
  bool above = GetParam() == TlsVariant::kAboveThreadPointer;
  auto layout = lay_out_tls({}, GetParam(), above ? kHeader : 0, TlsRoom::kNone);
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->size, ByteCount(offsetof(ThreadArea, slots)));
  EXPECT_EQ(layout->alignment, alignof(ThreadArea));
  EXPECT_EQ(layout->words, layout->start);
}

TEST_P(Variant, TheSurplusIsAsMuchLargerAsWasAskedFor) {
  bool above = GetParam() == TlsVariant::kAboveThreadPointer;
  auto usual = lay_out_tls({}, GetParam(), above ? kHeader : 0, TlsRoom::kForOpened);
  auto larger =
      lay_out_tls({}, GetParam(), above ? kHeader : 0, TlsRoom::kForOpened, ByteCount(640));
  ASSERT_TRUE(usual && larger);
  EXPECT_EQ(larger->size, usual->size + ByteCount(640));
  EXPECT_EQ(larger->more_surplus, ByteCount(640));
}

class References : public testing::Test {
 protected:
  bool may_open(const char* name, bool defined) {
    testing_tools::ObjectSpec spec;
    spec.symbols = {{.name = "other", .defined = false}, {.name = name, .defined = defined}};
    testing_tools::Described object(spec);
    Module* modules[] = {&object.module()};
    return may_open_objects(modules);
  }
};

TEST_F(References, ToDlopenMayOpenObjects) { EXPECT_TRUE(may_open("dlopen", false)); }
TEST_F(References, ToDlsymMayOpenObjects) { EXPECT_TRUE(may_open("dlsym", false)); }
TEST_F(References, ToOtherNamesOpenNothing) { EXPECT_FALSE(may_open("dlclose", false)); }
TEST_F(References, DefinitionIsNoReference) { EXPECT_FALSE(may_open("dlopen", true)); }

// [start, end) of the blocks, our words and the surplus, in order.
std::vector<std::pair<int64_t, int64_t>> ranges_of(Blocks& blocks, const TlsLayout& layout) {
  std::vector<std::pair<int64_t, int64_t>> ranges;
  auto add = [&](int64_t start, uint64_t size) {
    ranges.emplace_back(start, start + static_cast<int64_t>(size));
  };
  for (size_t i = 0; i < blocks.size(); ++i) add(blocks[i].tls.offset, blocks[i].tls.size.value);
  add(layout.words, sizeof(ThreadArea));
  add(layout.surplus, kTlsSurplus.value);
  std::sort(ranges.begin(), ranges.end());
  return ranges;
}

TEST_P(Variant, ModuleThatIsNotOursHasNoPlaceInOurBlock) {
  Blocks blocks;
  blocks.add(0, 64, 8).kind = ModuleKind::kLibc;
  auto layout = blocks.lay_out(GetParam());
  ASSERT_TRUE(layout);
  EXPECT_LE(layout->size, ByteCount(kOurs));
  EXPECT_FALSE(blocks[0].tls.is_static());
}

TEST_P(Variant, EveryBlockIsAlignedWithItsSkewAndApartFromTheOthers) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(round);
    Blocks blocks;
    for (size_t i = 1 + random() % 6; i > 0; --i) {
      blocks.add(random() % 0x100000, 1 + random() % 300, uint64_t{1} << (random() % 13));
    }
    auto layout = blocks.lay_out(GetParam());
    ASSERT_TRUE(layout);
    for (size_t i = 0; i < blocks.size(); ++i) {
      const TlsBlock& b = blocks[i].tls;
      // The thread pointer is a multiple of layout->alignment, so only the offset counts.
      EXPECT_EQ(static_cast<uint64_t>(b.offset) % b.alignment, b.image.value % b.alignment);
      EXPECT_EQ(layout->alignment % b.alignment, 0u);
    }
    EXPECT_EQ(static_cast<uint64_t>(layout->words) % alignof(ThreadArea), 0u);
    EXPECT_EQ(static_cast<uint64_t>(layout->surplus) % kTlsSurplusAlignment, 0u);
    std::vector<std::pair<int64_t, int64_t>> ranges = ranges_of(blocks, *layout);
    for (size_t i = 1; i < ranges.size(); ++i) ASSERT_LE(ranges[i - 1].second, ranges[i].first);
    ASSERT_LE(layout->start, ranges.front().first);
    ASSERT_LE(ranges.back().second, layout->start + static_cast<int64_t>(layout->size.value));
    if (GetParam() == TlsVariant::kBelowThreadPointer) {
      ASSERT_LE(ranges.back().second, 0);
      EXPECT_EQ(layout->size.value % layout->alignment, 0u);
      EXPECT_EQ(layout->start, -static_cast<int64_t>(layout->size.value));
    } else {
      ASSERT_GE(ranges.front().first, static_cast<int64_t>(kHeader));
    }
  }
}

TEST_P(Variant, TheProgramIsNextToTheThreadPointer) {
  Blocks blocks;
  blocks.add(0x1000, 32, 16).kind = ModuleKind::kProgram;
  blocks.add(0x2000, 64, 64);
  ASSERT_TRUE(blocks.lay_out(GetParam()));
  EXPECT_EQ(blocks[0].tls.offset, GetParam() == TlsVariant::kBelowThreadPointer ? -32 : 16);
}

TEST(WithoutAHeader, TheFirstBlockIsAtTheThreadPointerAndStatic) {
  Module program;
  program.tls.size = ByteCount(24);
  Module* modules[] = {&program};
  ASSERT_TRUE(lay_out_tls(modules, TlsVariant::kAboveThreadPointer, 0, TlsRoom::kForOpened));
  EXPECT_TRUE(program.tls.is_static());
  EXPECT_EQ(program.tls.offset, 0);
}

TEST_P(Variant, BlockBeyondTheLimitIsRefusedWithItsNumbers) {
  Blocks blocks;
  constexpr uint64_t kLimit = uint64_t{1} << 32;
  blocks.add(0, kLimit + 1, 8);
  Error expected =
      testing_tools::error_in(Fault::kTlsTooLarge, "PT_TLS p_memsz", kLimit + 1, kLimit);
  expected.object = "block.so";
  EXPECT_EQ(outcome(blocks.lay_out(GetParam())), expected);
}

TEST_P(Variant, ImagesAreCopiedToTheirOffsetsInTheBlock) {
  static const char first[] = "first", second[] = "second";
  Blocks blocks;
  for (const char* text : {first, second}) {
    Module& m = blocks.add(0, 64, 8);
    m.tls.image_size = ByteCount(std::strlen(text));
    m.bias = LoadBias(reinterpret_cast<uintptr_t>(text));
  }
  auto layout = blocks.lay_out(GetParam());
  ASSERT_TRUE(layout);
  std::vector<char> memory(layout->size.value, '.');
  copy_tls_images(blocks.order(), *layout, Address(memory.data()));
  EXPECT_EQ(std::string(&memory[blocks[0].tls.offset - layout->start], 6), "first.");
  EXPECT_EQ(std::string(&memory[blocks[1].tls.offset - layout->start], 7), "second.");
  EXPECT_EQ(std::count(memory.begin(), memory.end(), '.'), static_cast<long>(memory.size()) - 11);
}

// Sanitizers' run-times count modules from 1, and take the program for the first.
TEST(ModuleWord, OfAStartUpModuleIsItsPlaceInTheOrderOfLoading) {
  Module program, second;
  second.position = 1;
  EXPECT_EQ(module_word(program, 2), 1u);
  EXPECT_EQ(module_word(second, 2), 2u);
}

TEST(ModuleWord, OfAnOpenedModuleIsBehindThoseOfStartUp) {
  Module opened;
  opened.tls.opened_id = 1;
  EXPECT_EQ(module_word(opened, 2), 4u);
}

TEST(DescriptorArgument, GivesIdAndSignedOffsetBack) {
  constexpr int64_t kMost = (int64_t{1} << 39) - 1;
  for (uint32_t id : {1u, 77u, kMostOpenedIds - 1}) {
    for (int64_t offset : {int64_t{0}, int64_t{8}, int64_t{-8}, kMost, -kMost - 1}) {
      auto value = static_cast<uint64_t>(offset);
      uint64_t argument = descriptor_argument(id, value);
      EXPECT_TRUE(fits_descriptor(value));
      EXPECT_EQ(descriptor_id(argument), id);
      EXPECT_EQ(descriptor_offset(argument), value);
    }
  }
}

TEST(DescriptorArgument, OffsetOfMoreThanItsBitsDoesNotFit) {
  constexpr int64_t kTooMuch = int64_t{1} << 39;
  EXPECT_FALSE(fits_descriptor(static_cast<uint64_t>(kTooMuch)));
  EXPECT_FALSE(fits_descriptor(static_cast<uint64_t>(-kTooMuch - 1)));
}

}  // namespace
}  // namespace ldseal
