// The level of the instruction set that an object needs, from its property.
#include "ldso/image/isa_level.h"

#include <gtest/gtest.h>

#include "arch/native.h"
#include "tests/lib_cc/error_text.h"
#include "tests/lib_cc/note_image.h"

namespace ldseal {
namespace {

using namespace testing_tools;

TEST(IsaLevel, IsThatOfTheHighestBit) {
  EXPECT_EQ(level_needed(0), 0u);
  EXPECT_EQ(level_needed(1), 1u);
  EXPECT_EQ(level_needed(8), 4u);
  EXPECT_EQ(level_needed(0xf), 4u);
  EXPECT_EQ(level_needed(UINT32_MAX), 32u);
}

Error checked(const NoteImage& image) {
  Module module;
  module.path = "/libs/liba.so";
  module.segments.headers = image.table();
  return check_isa_level(module).error();
}

Error checked(uint32_t bits) {
  Bytes data(sizeof bits);
  std::memcpy(data.data(), &bits, sizeof bits);
  return checked(NoteImage(property_note({property(Native::kIsaProperty, data)}), 8));
}

TEST(IsaLevel, IsThatOfTheProperty) {
  if (Native::kIsaProperty == 0) GTEST_SKIP() << "the machine has no such property";
  NoteImage image(property_note({property(Native::kIsaProperty, Bytes{4, 0, 0, 0})}), 8);
  Module module;
  module.segments.headers = image.table();
  EXPECT_EQ(level_needed_by(module), 3u);
}

TEST(IsaLevel, OfAnObjectWithoutNotesIsNone) { EXPECT_EQ(checked(NoteImage(Bytes())), Error{}); }

TEST(IsaLevel, TheProcessorsOwnIsEnough) { EXPECT_EQ(checked(1u << (isa_level() - 1)), Error{}); }

TEST(IsaLevel, MoreIsRefused) {
  if (Native::kIsaProperty == 0) GTEST_SKIP() << "the machine has no such property";
  Error e = fault(Fault::kIsaLevelTooLow);
  e.object = "/libs/liba.so";
  e.found = isa_level();
  e.wanted = 32;
  EXPECT_EQ(checked(UINT32_MAX), e);
}

}  // namespace
}  // namespace ldseal
