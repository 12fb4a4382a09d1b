// What read_dynamic accepts and says of it. What it refuses, and how: tests/damage.
#include "ldso/elf/dynamic.h"

#include <gtest/gtest.h>
#include <vector>

#include "tests/lib_cc/error_text.h"

namespace ldseal {
namespace {

using testing_tools::outcome;

// Sets `to` from the entries, which stay alive in `entries`.
struct Read {
  explicit Read(std::vector<Dyn> list) : entries(std::move(list)) {
    auto result = read_dynamic({entries.data(), entries.size()});
    error = outcome(result);
    if (result) dynamic = *result;
  }
  std::vector<Dyn> entries;
  Dynamic dynamic;
  Error error;
};

Dyn entry(int64_t tag, uint64_t value) { return {tag, {value}}; }

TEST(ReadDynamic, EmptySectionHasNothing) {
  Read read({entry(DT_NULL, 0)});
  ASSERT_EQ(read.error, Error{});
  EXPECT_EQ(read.dynamic.entries.size(), 0u);
  EXPECT_FALSE(read.dynamic.hash.present);
  EXPECT_FALSE(read.dynamic.strings.present);
  EXPECT_FALSE(read.dynamic.soname_present);
}

TEST(ReadDynamic, EndsAtTheFirstNull) {
  Read read({entry(DT_NEEDED, 1), entry(DT_NULL, 0), entry(DT_SONAME, 5)});
  ASSERT_EQ(read.error, Error{});
  EXPECT_EQ(read.dynamic.entries.size(), 1u);
  EXPECT_FALSE(read.dynamic.soname_present);
}

TEST(ReadDynamic, PassesOverWhatItDoesNotKnow) {
  Read read({entry(0x6ffffd00, 1), entry(DT_DEBUG, 2), entry(DT_NULL, 0)});
  EXPECT_EQ(read.error, Error{});
}

struct PlaceCase {
  int64_t tag;
  MaybeVaddr Dynamic::*member;
};

class ReadDynamicPlace : public testing::TestWithParam<PlaceCase> {};

TEST_P(ReadDynamicPlace, IsPresentEvenAtAddressZero) {
  Read read({entry(GetParam().tag, 0), entry(DT_NULL, 0)});
  ASSERT_EQ(read.error, Error{});
  EXPECT_TRUE((read.dynamic.*GetParam().member).present);
}
TEST_P(ReadDynamicPlace, HasTheAddressOfItsEntry) {
  Read read({entry(GetParam().tag, 0x1230), entry(DT_NULL, 0)});
  ASSERT_EQ(read.error, Error{});
  EXPECT_EQ((read.dynamic.*GetParam().member).value, Vaddr(0x1230));
}

INSTANTIATE_TEST_SUITE_P(Entries, ReadDynamicPlace,
                         testing::Values(PlaceCase{DT_HASH, &Dynamic::hash},
                                         PlaceCase{DT_GNU_HASH, &Dynamic::gnu_hash},
                                         PlaceCase{DT_SYMTAB, &Dynamic::symbols},
                                         PlaceCase{DT_STRTAB, &Dynamic::strings},
                                         PlaceCase{DT_VERSYM, &Dynamic::version_symbols},
                                         PlaceCase{DT_VERDEF, &Dynamic::version_definitions},
                                         PlaceCase{DT_VERNEED, &Dynamic::version_needs},
                                         PlaceCase{DT_INIT, &Dynamic::init},
                                         PlaceCase{DT_FINI, &Dynamic::fini}));

struct TableCase {
  int64_t tag;
  int64_t size_tag;
  uint64_t size;
  Table Dynamic::*member;
};

class ReadDynamicTable : public testing::TestWithParam<TableCase> {};

TEST_P(ReadDynamicTable, HasPlaceAndSizeOfItsTwoEntries) {
  const TableCase& c = GetParam();
  Read read({entry(c.size_tag, c.size), entry(c.tag, 0x1230), entry(DT_NULL, 0)});
  ASSERT_EQ(read.error, Error{});
  EXPECT_EQ((read.dynamic.*c.member).start, Vaddr(0x1230));
  EXPECT_EQ((read.dynamic.*c.member).size, ByteCount(c.size));
}

INSTANTIATE_TEST_SUITE_P(
    Entries, ReadDynamicTable,
    testing::Values(TableCase{DT_RELA, DT_RELASZ, 48, &Dynamic::rela},
                    TableCase{DT_JMPREL, DT_PLTRELSZ, 24, &Dynamic::plt},
                    TableCase{DT_RELR, DT_RELRSZ, 16, &Dynamic::relr},
                    TableCase{DT_INIT_ARRAY, DT_INIT_ARRAYSZ, 8, &Dynamic::init_array},
                    TableCase{DT_FINI_ARRAY, DT_FINI_ARRAYSZ, 16, &Dynamic::fini_array},
                    TableCase{DT_PREINIT_ARRAY, DT_PREINIT_ARRAYSZ, 24, &Dynamic::preinit_array}));

TEST(ReadDynamic, NamesAreOffsetsThatMayBeZero) {
  Read read({entry(DT_SONAME, 0), entry(DT_RPATH, 7), entry(DT_RUNPATH, 9), entry(DT_NULL, 0)});
  ASSERT_EQ(read.error, Error{});
  EXPECT_TRUE(read.dynamic.soname_present);
  EXPECT_EQ(read.dynamic.rpath, 7u);
  EXPECT_EQ(read.dynamic.runpath, 9u);
}

TEST(ReadDynamic, OldEntriesForFlagsAreFlags) {
  Read read({entry(DT_FLAGS, DF_STATIC_TLS), entry(DT_SYMBOLIC, 0), entry(DT_TEXTREL, 0),
             entry(DT_BIND_NOW, 0), entry(DT_NULL, 0)});
  ASSERT_EQ(read.error, Error{});
  EXPECT_EQ(read.dynamic.flags,
            static_cast<uint64_t>(DF_STATIC_TLS | DF_SYMBOLIC | DF_TEXTREL | DF_BIND_NOW));
}

TEST(ReadDynamic, FlagsOneAreKept) {
  Read read({entry(DT_FLAGS_1, DF_1_NODEFLIB | DF_1_NOW), entry(DT_NULL, 0)});
  EXPECT_EQ(read.dynamic.flags_1, static_cast<uint64_t>(DF_1_NODEFLIB | DF_1_NOW));
}

TEST(ReadDynamic, RelativeCountMayBeTheWholeTable) {
  Read read({entry(DT_RELA, 8), entry(DT_RELASZ, 48), entry(DT_RELACOUNT, 2), entry(DT_NULL, 0)});
  EXPECT_EQ(read.error, Error{});
  EXPECT_EQ(read.dynamic.relative_count, 2u);
}

TEST(ReadDynamic, RightEntrySizesAreAccepted) {
  Read read({entry(DT_SYMENT, sizeof(Sym)), entry(DT_RELAENT, sizeof(Rela)), entry(DT_RELRENT, 8),
             entry(DT_PLTREL, DT_RELA), entry(DT_RELSZ, 0), entry(DT_NULL, 0)});
  EXPECT_EQ(read.error, Error{});
}

}  // namespace
}  // namespace ldseal
