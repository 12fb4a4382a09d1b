// Lines of /proc/self/maps, as far as they tell of the kernel's own mappings.
#include <gtest/gtest.h>
#include <string>
#include <sys/mman.h>

#include "ldso/seal/system_mappings.h"
#include "ldso/seal/system_mappings_names.h"

namespace ldseal {
namespace {

const std::string kColumns = "7ffff7fc9000-7ffff7fcd000 r--p 00000000 00:00 0 ";

TEST(ParseMapsLine, GivesRangeProtectionAndName) {
  auto mapping = parse_maps_line(kColumns + "                         [vvar]");
  ASSERT_TRUE(mapping);
  EXPECT_EQ(mapping->range.start.value, 0x7ffff7fc9000u);
  EXPECT_EQ(mapping->range.end.value, 0x7ffff7fcd000u);
  EXPECT_EQ(mapping->protection, PROT_READ);
  EXPECT_STREQ(mapping->name, "[vvar]");
}

TEST(ParseMapsLine, ReadsEachProtection) {
  struct {
    const char* text;
    int protection;
  } cases[] = {{"---p", PROT_NONE},
               {"--xp", PROT_EXEC},
               {"rw-s", PROT_READ | PROT_WRITE},
               {"rwxp", PROT_READ | PROT_WRITE | PROT_EXEC}};
  for (const auto& c : cases) {
    auto mapping = parse_maps_line("1000-2000 " + std::string(c.text) + " 00000000 00:00 0 ");
    ASSERT_TRUE(mapping) << c.text;
    EXPECT_EQ(mapping->protection, c.protection) << c.text;
  }
}

TEST(ParseMapsLine, AMappingMayHaveNoName) {
  EXPECT_STREQ(parse_maps_line(kColumns)->name, "");
  EXPECT_STREQ(parse_maps_line(kColumns.substr(0, kColumns.size() - 1))->name, "");
}

TEST(ParseMapsLine, ANameMayHoldSpaces) {
  EXPECT_STREQ(parse_maps_line(kColumns + "[a b]")->name, "[a b]");
}

TEST(ParseMapsLine, ANameThatDoesNotFitIsLeftOut) {
  std::string name(SystemMapping::kNameCapacity - 1, 'n');
  EXPECT_EQ(parse_maps_line(kColumns + name)->name, name);
  EXPECT_STREQ(parse_maps_line(kColumns + name + "n")->name, "");
}

TEST(ParseMapsLine, TakesTheWholeAddressSpace) {
  auto mapping = parse_maps_line("0-ffffffffffffffff r--p 00000000 00:00 0 ");
  ASSERT_TRUE(mapping);
  EXPECT_EQ(mapping->range.start.value, 0u);
  EXPECT_EQ(mapping->range.end.value, UINT64_MAX);
}

TEST(ParseMapsLine, RefusesWhatIsNoSuchLine) {
  for (const char* line :
       {"", " ", "text", "1000 r--p 0 0:0 0 ", "1000-2000", "1000-2000 r--p 0 0:0",
        "-2000 r--p 0 0:0 0 ", "1000- r--p 0 0:0 0 ", "2000-1000 r--p 0 0:0 0 ",
        "1000-1000 r--p 0 0:0 0 ", "1000-2000 r--pp 0 0:0 0 ", "1000-2000 r-- 0 0:0 0 ",
        "1000-2000 -r-p 0 0:0 0 ", "1G00-2000 r--p 0 0:0 0 ", "1000-2A00 r--p 0 0:0 0 ",
        "1000-10000000000000000 r--p 0 0:0 0 ", "1000-2000  r--p 0 0:0 0 "}) {
    EXPECT_FALSE(parse_maps_line(line)) << line;
  }
}

}  // namespace
}  // namespace ldseal
