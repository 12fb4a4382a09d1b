// Relocations to an image's own addresses, of RELA and of RELR alike.
#include "ldso/elf/relative.h"

#include <gtest/gtest.h>
#include <vector>

namespace ldseal {
namespace {

// An image of words, linked to the address 0.
struct Image {
  std::vector<uint64_t> words = std::vector<uint64_t>(200);
  LoadBias bias() const { return LoadBias(reinterpret_cast<uintptr_t>(words.data())); }
  uint64_t address(size_t word) const { return bias().value + word * sizeof(uint64_t); }
};

Rela relative(size_t word, int64_t addend) {
  return {word * sizeof(uint64_t), Native::kRelativeType, addend};
}

TEST(RelocateRelative, WritesTheAddendsAddressWhateverWasThere) {
  Image image;
  image.words[3] = 77;
  Rela list[] = {relative(3, 16), relative(5, 0)};
  relocate_relative({.rela = list, .rela_size = sizeof list}, image.bias());
  EXPECT_EQ(image.words[3], image.address(2));
  EXPECT_EQ(image.words[5], image.address(0));
}
TEST(RelocateRelative, LeavesOtherKindsAlone) {
  Image image;
  Rela list[] = {{8, R_X86_64_64, 1}, {16, uint64_t{R_X86_64_IRELATIVE}, 1}};
  relocate_relative({.rela = list, .rela_size = sizeof list}, image.bias());
  EXPECT_EQ(image.words, std::vector<uint64_t>(200));
}
TEST(RelocateRelative, AddsToTheWordsOfAPackedAddressAndItsMaps) {
  Image image;
  for (size_t i = 0; i < 200; ++i) image.words[i] = i;
  // Word 4; of the 63 after it the first and the last; of the next 63 the second.
  uintptr_t packed[] = {4 * 8, 1 | (uintptr_t{1} << 1) | (uintptr_t{1} << 63),
                        1 | (uintptr_t{1} << 2)};
  relocate_relative({.relr = packed, .relr_size = sizeof packed}, image.bias());
  std::vector<size_t> relocated;
  for (size_t i = 0; i < 200; ++i) {
    if (image.words[i] != i) relocated.push_back(i);
    if (image.words[i] != i) EXPECT_EQ(image.words[i], image.bias().value + i);
  }
  EXPECT_EQ(relocated, (std::vector<size_t>{4, 5, 67, 69}));
}

TEST(OwnTables, AreWhereTheDynamicSectionSays) {
  Dyn section[] = {{DT_RELA, {0x100}},   {DT_RELASZ, {48}},  {DT_JMPREL, {0x200}},
                   {DT_PLTRELSZ, {24}},  {DT_RELR, {0x300}}, {DT_RELRSZ, {16}},
                   {DT_SYMTAB, {0x400}}, {DT_NULL, {0}},     {DT_RELA, {0x1000000}}};
  OwnTables tables = own_tables(section, LoadBias(0x1000));
  EXPECT_EQ(Address(tables.rela), Address(0x1100));
  EXPECT_EQ(tables.rela_end() - tables.rela, 2);
  EXPECT_EQ(Address(tables.plt), Address(0x1200));
  EXPECT_EQ(tables.plt_end() - tables.plt, 1);
  EXPECT_EQ(Address(tables.relr), Address(0x1300));
  EXPECT_EQ(tables.relr_end() - tables.relr, 2);
  EXPECT_EQ(Address(tables.symbols), Address(0x1400));
}

}  // namespace
}  // namespace ldseal
