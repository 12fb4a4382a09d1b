// The rows that DT_VERDEF and DT_VERNEED make. What is refused, and how: tests/damage.
#include "ldso/elf/versions.h"

#include <gtest/gtest.h>

#include "tests/lib_cc/described.h"
#include "tests/lib_cc/versioned.h"

namespace ldseal {
namespace {

using testing_tools::Described;
using testing_tools::ElfImage;
using testing_tools::ObjectSpec;
using testing_tools::two_definitions;
using testing_tools::two_needs;
using testing_tools::version_named;
using testing_tools::write_elf;

TEST(ReadVersions, ObjectWithoutVersionsHasNoRows) {
  Described object(ObjectSpec{});
  EXPECT_EQ(object.symbols().versions, nullptr);
  EXPECT_EQ(object.symbols().version_symbols, nullptr);
}

TEST(ReadVersions, DefinitionsHaveNameAndHashAndNoFile) {
  Described object(two_definitions());
  const SymbolTable& table = object.symbols();
  ASSERT_EQ(table.version_count, 4u);
  EXPECT_STREQ(table.versions[2].name, "V1");
  EXPECT_EQ(table.versions[2].hash, sysv_hash("V1"));
  EXPECT_EQ(table.versions[2].file, nullptr);
  EXPECT_STREQ(table.versions[3].name, "V2");
}

TEST(ReadVersions, TheBaseDefinitionIsNoVersion) {
  Described object(two_definitions());
  EXPECT_EQ(object.symbols().versions[1].name, nullptr);
  EXPECT_FALSE(defines_version(object.symbols(), version_named("libit.so")));
}

TEST(ReadVersions, NeedsHaveTheFileThatMustDefineThem) {
  Described object(two_needs());
  const SymbolTable& table = object.symbols();
  ASSERT_EQ(table.version_count, 5u);
  EXPECT_STREQ(table.versions[2].file, "libone.so");
  EXPECT_STREQ(table.versions[3].name, "V2");
  EXPECT_STREQ(table.versions[3].file, "libone.so");
  EXPECT_STREQ(table.versions[4].name, "V1");
  EXPECT_STREQ(table.versions[4].file, "libtwo.so");
}

TEST(ReadVersions, WeakNeedIsWeak) {
  ElfImage image = write_elf(two_needs());
  image.version_need_row().vna_flags = VER_FLG_WEAK;
  Described object(std::move(image));
  EXPECT_TRUE(object.symbols().versions[2].weak);
  EXPECT_FALSE(object.symbols().versions[3].weak);
}

TEST(ReadVersions, HiddenBitOfANeedIsKeptApartFromItsIndex) {
  ElfImage image = write_elf(two_needs());
  image.version_need_row().vna_other |= 0x8000;
  Described object(std::move(image));
  EXPECT_EQ(object.symbols().version_count, 5u);
  EXPECT_TRUE(object.symbols().versions[2].hidden_need);
}

TEST(ReadVersions, DefinitionsEndWhereNoNextIsThoughMoreAreCounted) {
  ElfImage image = write_elf(two_definitions());
  image.dynamic_value(DT_VERDEFNUM) = UINT64_MAX;
  EXPECT_EQ(Described(std::move(image)).symbols().version_count, 4u);
}
TEST(ReadVersions, DefinitionsEndWithTheirCountThoughThereIsANext) {
  ElfImage image = write_elf(two_definitions());
  image.dynamic_value(DT_VERDEFNUM) = 2;
  EXPECT_EQ(Described(std::move(image)).symbols().version_count, 3u);
}
TEST(ReadVersions, NeedsEndWhereNoNextIsThoughMoreAreCounted) {
  ElfImage image = write_elf(two_needs());
  image.dynamic_value(DT_VERNEEDNUM) = UINT64_MAX;
  EXPECT_EQ(Described(std::move(image)).symbols().version_count, 5u);
}
TEST(ReadVersions, NeedsEndWithTheirCountThoughThereIsANext) {
  ElfImage image = write_elf(two_needs());
  image.dynamic_value(DT_VERNEEDNUM) = 1;
  EXPECT_EQ(Described(std::move(image)).symbols().version_count, 4u);
}
TEST(ReadVersions, RowsOfANeedEndWhereNoNextIsThoughMoreAreCounted) {
  ElfImage image = write_elf(two_needs());
  image.version_need().vn_cnt = 1000;
  EXPECT_EQ(Described(std::move(image)).symbols().version_count, 5u);
}

TEST(DefinesVersion, KnowsWhatIsDefined) {
  Described object(two_definitions());
  EXPECT_TRUE(defines_version(object.symbols(), version_named("V1")));
  EXPECT_FALSE(defines_version(object.symbols(), version_named("V3")));
}
TEST(DefinesVersion, ANeedIsNoDefinition) {
  Described object(two_needs());
  EXPECT_FALSE(defines_version(object.symbols(), version_named("V1")));
  EXPECT_FALSE(defines_versions(object.symbols()));
}
TEST(DefinesVersions, IsTrueForAnObjectWithDefinitions) {
  EXPECT_TRUE(defines_versions(Described(two_definitions()).symbols()));
}

}  // namespace
}  // namespace ldseal
