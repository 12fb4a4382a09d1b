// Look-up in one object's table, by either hash.
#include "ldso/elf/symbols.h"

#include <gtest/gtest.h>
#include <memory>

#include "tests/lib_cc/described.h"

namespace ldseal {
namespace {

using testing_tools::Described;
using testing_tools::ObjectSpec;
using testing_tools::SymbolSpec;
using testing_tools::version_named;
using testing_tools::wanted;

enum class Hash { kGnu, kSysv };

class FindSymbol : public testing::TestWithParam<Hash> {
 protected:
  ObjectSpec with(std::vector<SymbolSpec> symbols) {
    ObjectSpec spec;
    spec.symbols = std::move(symbols);
    spec.gnu_hash = GetParam() == Hash::kGnu;
    spec.sysv_hash = GetParam() == Hash::kSysv;
    return spec;
  }
  // "name" or "name@version" of what the look-up finds; "" for nothing.
  std::string found(const Described& object, const char* name, const char* version = nullptr,
                    ReferenceKind kind = ReferenceKind::kCall) {
    Version v = version_named(version == nullptr ? "" : version);
    return found(object, wanted(name, version == nullptr ? nullptr : &v), kind);
  }
  std::string found(const Described& object, const SymbolQuery& reference,
                    ReferenceKind kind = ReferenceKind::kCall) {
    const Sym* symbol = find_symbol(object.symbols(), reference, kind);
    if (symbol == nullptr) return "";
    return const_cast<Described&>(object).image().symbol_names.at(
        object.symbols().index_of(*symbol));
  }
  std::string found_one(const SymbolSpec& symbol, ReferenceKind kind = ReferenceKind::kCall) {
    Described object(with({symbol, {.name = "other"}}));
    return found(object, "it", nullptr, kind);
  }
};

INSTANTIATE_TEST_SUITE_P(By, FindSymbol, testing::Values(Hash::kGnu, Hash::kSysv),
                         [](const auto& info) {
                           return info.param == Hash::kGnu ? "GnuHash" : "SysvHash";
                         });

TEST_P(FindSymbol, FindsEachOfManyNames) {
  std::vector<SymbolSpec> symbols;
  for (int i = 0; i < 500; ++i) symbols.push_back({.name = "name" + std::to_string(i)});
  ObjectSpec spec = with(symbols);
  spec.buckets = 37;
  Described object(spec);
  for (const SymbolSpec& s : symbols) EXPECT_EQ(found(object, s.name.c_str()), s.name);
}

TEST_P(FindSymbol, DoesNotFindOtherNames) {
  Described object(with({{.name = "alpha"}, {.name = "beta"}}));
  for (const char* name : {"", "alph", "alphaa", "gamma", "Beta"})
    EXPECT_EQ(found(object, name), "") << name;
}

TEST_P(FindSymbol, DoesNotConfuseNamesOfEqualHash) {
  // "AC" and "Bb"… differ; these two collide in the gnu hash: h * 33 + c.
  ASSERT_EQ(gnu_hash("aB"), gnu_hash("b!"));
  Described object(with({{.name = "aB"}, {.name = "b!"}}));
  EXPECT_EQ(found(object, "aB"), "aB");
  EXPECT_EQ(found(object, "b!"), "b!");
}

TEST_P(FindSymbol, AnObjectWithoutSymbolsHasNothing) {
  EXPECT_EQ(found(Described(with({})), "it"), "");
}

TEST_P(FindSymbol, UndefinedSymbolIsNoAnswer) {
  EXPECT_EQ(found_one({.name = "it", .defined = false}), "");
}
TEST_P(FindSymbol, WeakDefinitionAnswers) {
  EXPECT_EQ(found_one({.name = "it", .binding = STB_WEAK}), "it");
}
TEST_P(FindSymbol, UniqueDefinitionAnswers) {
  EXPECT_EQ(found_one({.name = "it", .binding = STB_GNU_UNIQUE}), "it");
}
TEST_P(FindSymbol, LocalDefinitionIsNoAnswer) {
  EXPECT_EQ(found_one({.name = "it", .binding = STB_LOCAL}), "");
}
TEST_P(FindSymbol, ProtectedDefinitionAnswers) {
  EXPECT_EQ(found_one({.name = "it", .visibility = STV_PROTECTED}), "it");
}
TEST_P(FindSymbol, HiddenDefinitionIsNoAnswer) {
  EXPECT_EQ(found_one({.name = "it", .visibility = STV_HIDDEN}), "");
}
TEST_P(FindSymbol, InternalDefinitionIsNoAnswer) {
  EXPECT_EQ(found_one({.name = "it", .visibility = STV_INTERNAL}), "");
}

TEST_P(FindSymbol, EveryTypeThatCanBeReferredToAnswers) {
  for (unsigned char type :
       {STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_COMMON, STT_TLS, STT_GNU_IFUNC}) {
    EXPECT_EQ(found_one({.name = "it", .type = type}), "it") << int{type};
  }
}
TEST_P(FindSymbol, SectionsAndFilesAreNoAnswer) {
  EXPECT_EQ(found_one({.name = "it", .type = STT_SECTION}), "");
  EXPECT_EQ(found_one({.name = "it", .type = STT_FILE}), "");
}

TEST_P(FindSymbol, DefinitionAtAddressZeroIsNoAnswer) {
  EXPECT_EQ(found_one({.name = "it", .value = 0}), "");
}
TEST_P(FindSymbol, AbsoluteSymbolMayBeZero) {
  EXPECT_EQ(found_one({.name = "it", .value = 0, .section = SHN_ABS}), "it");
}
TEST_P(FindSymbol, ThreadLocalSymbolMayBeZero) {
  EXPECT_EQ(found_one({.name = "it", .type = STT_TLS, .value = 0}), "it");
}

TEST_P(FindSymbol, CanonicalPltEntryAnswersAnAddress) {
  SymbolSpec plt{.name = "it", .defined = false, .value = 0x500};
  EXPECT_EQ(found_one(plt, ReferenceKind::kAddress), "it");
}
TEST_P(FindSymbol, CanonicalPltEntryDoesNotAnswerACall) {
  SymbolSpec plt{.name = "it", .defined = false, .value = 0x500};
  EXPECT_EQ(found_one(plt, ReferenceKind::kCall), "");
}

TEST_P(FindSymbol, VersionedReferenceFindsItsVersion) {
  Described object(
      with({{.name = "it", .version = "V1", .hidden = true}, {.name = "it", .version = "V2"}}));
  EXPECT_EQ(found(object, "it", "V1"), "it@V1");
  EXPECT_EQ(found(object, "it", "V2"), "it@V2");
}
TEST_P(FindSymbol, VersionedReferenceDoesNotFindAnotherVersion) {
  Described object(with({{.name = "it", .version = "V1"}}));
  EXPECT_EQ(found(object, "it", "V3"), "");
}
TEST_P(FindSymbol, VersionedReferenceFindsAnythingInAnUnversionedObject) {
  Described object(with({{.name = "it"}}));
  EXPECT_EQ(found(object, "it", "V1"), "it");
}
TEST_P(FindSymbol, VersionedReferenceFindsADefinitionWithoutVersion) {
  Described object(with({{.name = "it"}, {.name = "other", .version = "V1"}}));
  EXPECT_EQ(found(object, "it", "V1"), "it");
}
TEST_P(FindSymbol, HiddenNeedDoesNotFindADefinitionWithoutVersion) {
  Described object(with({{.name = "it"}, {.name = "other", .version = "V1"}}));
  Version need = version_named("V1");
  need.hidden_need = true;
  EXPECT_EQ(found(object, wanted("it", &need)), "");
}

TEST_P(FindSymbol, UnversionedReferenceFindsTheFirstVersionEvenIfHidden) {
  // Index 2 is the first version: what old, unversioned programs were linked against.
  Described object(
      with({{.name = "it", .version = "V1", .hidden = true}, {.name = "it", .version = "V2"}}));
  EXPECT_EQ(found(object, "it"), "it@V1");
}
TEST_P(FindSymbol, UnversionedReferenceFindsTheOnlyDefaultVersion) {
  Described object(with({{.name = "first", .version = "V1"},
                         {.name = "it", .version = "V2", .hidden = true},
                         {.name = "it", .version = "V3"}}));
  EXPECT_EQ(found(object, "it"), "it@V3");
}
TEST_P(FindSymbol, UnversionedReferenceDoesNotFindALaterHiddenVersion) {
  Described object(
      with({{.name = "first", .version = "V1"}, {.name = "it", .version = "V2", .hidden = true}}));
  EXPECT_EQ(found(object, "it"), "");
}
TEST_P(FindSymbol, UnversionedReferenceDoesNotChooseBetweenTwoDefaults) {
  Described object(with({{.name = "first", .version = "V1"},
                         {.name = "it", .version = "V2"},
                         {.name = "it", .version = "V3"}}));
  EXPECT_EQ(found(object, "it"), "");
}

TEST_P(FindSymbol, DlsymFindsTheDefaultVersionAndNotTheOldest) {
  Described object(
      with({{.name = "it", .version = "V1", .hidden = true}, {.name = "it", .version = "V2"}}));
  SymbolQuery reference = wanted("it");
  reference.newest = true;
  EXPECT_EQ(found(object, reference), "it@V2");
}
TEST_P(FindSymbol, DlsymFindsADefinitionWithoutVersion) {
  Described object(with({{.name = "it"}, {.name = "other", .version = "V1"}}));
  SymbolQuery reference = wanted("it");
  reference.newest = true;
  EXPECT_EQ(found(object, reference), "it");
}

// DT_HASH is not checked as a whole: a step out of it ends the look-up.
class DamagedSysvHash : public testing::Test {
 protected:
  DamagedSysvHash() {
    spec_.symbols = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    spec_.gnu_hash = false;
    spec_.buckets = 1;
  }
  const Sym* find(testing_tools::ElfImage image, const char* name) {
    object_ = std::make_unique<Described>(std::move(image));
    return find_symbol(object_->symbols(), wanted(name), ReferenceKind::kCall);
  }
  ObjectSpec spec_;
  std::unique_ptr<Described> object_;
};

TEST_F(DamagedSysvHash, BucketBehindTheTableFindsNothing) {
  testing_tools::ElfImage image = testing_tools::write_elf(spec_);
  image.sysv_hash_word(2) = 0x7fffffff;
  EXPECT_EQ(find(std::move(image), "b"), nullptr);
}
TEST_F(DamagedSysvHash, ChainThatLeavesTheTableEndsThere) {
  testing_tools::ElfImage image = testing_tools::write_elf(spec_);
  image.sysv_hash_word(3 + 1) = 0xffffffff;
  EXPECT_EQ(find(std::move(image), "b"), nullptr);
}
TEST_F(DamagedSysvHash, ChainThatBitesItsTailEnds) {
  testing_tools::ElfImage image = testing_tools::write_elf(spec_);
  image.sysv_hash_word(3 + 1) = 1;
  EXPECT_EQ(find(std::move(image), "nothing"), nullptr);
}
TEST_F(DamagedSysvHash, NoBucketFindsNothing) {
  testing_tools::ElfImage image = testing_tools::write_elf(spec_);
  image.sysv_hash_word(0) = 0;
  EXPECT_EQ(find(std::move(image), "b"), nullptr);
}

TEST(SymbolTable, VersionOfAReferenceNamesTheLibrary) {
  ObjectSpec spec;
  spec.symbols = {{.name = "it", .version = "V7", .library = "libother.so", .defined = false}};
  Described object(spec);
  const Version* version = object.symbols().version_of(object.image().symbol_index("it@V7"));
  ASSERT_NE(version, nullptr);
  EXPECT_STREQ(version->name, "V7");
  EXPECT_STREQ(version->file, "libother.so");
}

TEST(SymbolTable, HashOfASymbolIsThatOfItsName) {
  for (uint32_t buckets : {1u, 2u, 3u, 16u, 257u}) {
    ObjectSpec spec;
    spec.buckets = buckets;
    spec.symbols = {{.name = "undefined", .defined = false}};
    for (int i = 0; i < 300; ++i) spec.symbols.push_back({.name = "name" + std::to_string(i * i)});
    Described object(spec);
    for (uint32_t i = 1; i < object.symbols().count; ++i) {
      const char* name = object.symbols().name(object.symbols().symbols[i]);
      EXPECT_EQ(object.symbols().hash_of(i), gnu_hash(name)) << name << " in " << buckets;
    }
  }
}

TEST(WantedBy, NamesHashAndVersionAndTheDefinitionItself) {
  ObjectSpec spec;
  spec.symbols = {{.name = "it", .version = "V1"}, {.name = "other", .defined = false}};
  Described object(spec);
  uint32_t index = object.image().symbol_index("it@V1");
  SymbolQuery reference = wanted_by(object.symbols(), index);
  EXPECT_STREQ(reference.name, "it");
  EXPECT_EQ(reference.hash, gnu_hash("it"));
  ASSERT_NE(reference.version, nullptr);
  EXPECT_STREQ(reference.version->name, "V1");
  EXPECT_EQ(reference.own_definition, &object.symbols().symbols[index]);
  EXPECT_EQ(wanted_by(object.symbols(), object.image().symbol_index("other")).own_definition,
            nullptr);
}

TEST(SymbolTable, ExportedCountLeavesOutWhatTheGnuHashDoesNotHold) {
  ObjectSpec spec;
  spec.symbols = {{.name = "a"}, {.name = "b"}, {.name = "c", .defined = false}};
  EXPECT_EQ(Described(spec).symbols().exported_count(), 2u);
}

}  // namespace
}  // namespace ldseal
