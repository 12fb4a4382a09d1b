// Damage to the tables of symbol versions.
#include "tests/damage/damage_case.h"

namespace ldseal::damage {
namespace {

constexpr uint64_t kFar = 0x10000000;

Error bad(const char* field, uint64_t at) {
  Error e = fault(Fault::kBadVersionTable);
  e.field = field;
  return error_at(Place::kVaddr, at, e);
}

DamageCase moved_away(const char* name, int64_t tag, const char* field) {
  return {name, Stage::kTables, [=](ElfImage& e) {
            e.dynamic_value(tag) = kFar;
            return bad(field, kFar);
          }};
}

// So many needs, each with all of so many versions: more rows than there are indices.
Error write_shared_needs(ElfImage& e) {
  constexpr uint32_t kCount = 256, kSize = 16;
  static_assert(sizeof(Elf64_Verneed) == kSize && sizeof(Elf64_Vernaux) == kSize);
  uint64_t needs = e.word_address(0), rows = needs + kCount * kSize;
  for (uint32_t i = 0; i < kCount; ++i) {
    uint64_t at = needs + i * kSize;
    auto distance = static_cast<uint32_t>(rows - at);
    e.at<Elf64_Verneed>(at) = {1, kCount, 0, distance, kSize};
    e.at<Elf64_Vernaux>(rows + i * kSize) = {0, 0, 2, 0, kSize};
  }
  e.dynamic_value(DT_VERNEED) = needs;
  e.dynamic_value(DT_VERNEEDNUM) = kCount;
  constexpr uint32_t kIndices = 0x8000;
  return bad("DT_VERNEED", needs + (kIndices / kCount - 1) * kSize);
}

DamageCase moved_by_a_byte(const char* name, int64_t tag, const char* field) {
  return {name, Stage::kTables, [=](ElfImage& e) { return bad(field, e.dynamic_value(tag) += 1); }};
}

}  // namespace

const std::vector<DamageCase>& version_cases() {
  static const std::vector<DamageCase> cases = {
      moved_away("VersionSymbolsAreInNoSegment", DT_VERSYM, "DT_VERSYM"),
      moved_away("VersionDefinitionsAreInNoSegment", DT_VERDEF, "DT_VERDEF"),
      moved_away("VersionNeedsAreInNoSegment", DT_VERNEED, "DT_VERNEED"),
      moved_by_a_byte("VersionSymbolsAreNotAligned", DT_VERSYM, "DT_VERSYM"),
      moved_by_a_byte("VersionDefinitionsAreNotAligned", DT_VERDEF, "DT_VERDEF"),
      moved_by_a_byte("VersionNeedsAreNotAligned", DT_VERNEED, "DT_VERNEED"),
      {"MoreVersionsAreNeededThanThereAreIndices", Stage::kTables, write_shared_needs,
       [](ObjectSpec& s) { s.data_words = 1100; }},
      {"VersionDefinitionIsOfAnotherFormat", Stage::kTables,
       [](ElfImage& e) {
         e.version_definition(0).vd_version = 2;
         return bad("DT_VERDEF", e.places.version_definitions);
       }},
      {"SecondVersionDefinitionIsOfAnotherFormat", Stage::kTables,
       [](ElfImage& e) {
         e.version_definition(1).vd_version = 0;
         return bad("DT_VERDEF", e.places.version_definitions + e.version_definition(0).vd_next);
       }},
      {"NextVersionDefinitionIsInNoSegment", Stage::kTables,
       [](ElfImage& e) {
         e.version_definition(0).vd_next = kFar;
         return bad("DT_VERDEF", e.places.version_definitions + kFar);
       }},
      {"NameOfAVersionDefinitionIsInNoSegment", Stage::kTables,
       [](ElfImage& e) {
         e.version_definition(0).vd_aux = kFar;
         return bad("vda_name", e.places.version_definitions + kFar);
       }},
      {"NameOfAVersionDefinitionIsOutsideTheStrings", Stage::kTables,
       [](ElfImage& e) {
         uint64_t at = e.places.version_definitions + sizeof(Elf64_Verdef);
         e.at<Elf64_Verdaux>(at).vda_name = static_cast<uint32_t>(e.places.strings_size);
         return bad("vda_name", at);
       }},
      {"VersionNeedIsOfAnotherFormat", Stage::kTables,
       [](ElfImage& e) {
         e.version_need().vn_version = 0;
         return bad("DT_VERNEED", e.places.version_needs);
       }},
      {"FileOfAVersionNeedIsOutsideTheStrings", Stage::kTables,
       [](ElfImage& e) {
         e.version_need().vn_file = UINT32_MAX;
         return bad("vn_file", e.places.version_needs);
       }},
      {"RowsOfAVersionNeedAreInNoSegment", Stage::kTables,
       [](ElfImage& e) {
         e.version_need().vn_aux = kFar;
         return bad("vna_name", e.places.version_needs + kFar);
       }},
      {"NameOfAVersionNeedIsOutsideTheStrings", Stage::kTables,
       [](ElfImage& e) {
         e.version_need_row().vna_name = UINT32_MAX;
         return bad("vna_name", e.places.version_needs + sizeof(Elf64_Verneed));
       }},
      {"NextVersionNeedIsInNoSegment", Stage::kTables,
       [](ElfImage& e) {
         e.version_need().vn_next = kFar;
         e.dynamic_value(DT_VERNEEDNUM) = 2;
         return bad("DT_VERNEED", e.places.version_needs + kFar);
       }},
      {"NextRowOfAVersionNeedIsInNoSegment", Stage::kTables,
       [](ElfImage& e) {
         e.version_need().vn_cnt = 2;
         e.version_need_row().vna_next = kFar;
         return bad("vna_name", e.places.version_needs + sizeof(Elf64_Verneed) + kFar);
       }},
      {"NeededVersionIsOfAFileThatIsNotLoaded", Stage::kLink,
       [](ElfImage&) {
         Error expected = fault(Fault::kVersionFileMissing);
         expected.name = "libabsent.so";
         expected.version = "N1";
         return expected;
       },
       [](ObjectSpec& s) {
         s.symbols.push_back({.name = "absent",
                              .version = "N1",
                              .library = "libabsent.so",
                              .defined = false,
                              .binding = STB_WEAK});
       }},
      {"NeededVersionIsNotDefined", Stage::kLink,
       [](ElfImage&) {
         Error expected = fault(Fault::kVersionMissing);
         expected.name = "libneeded.so";
         expected.version = "N2";
         return expected;
       },
       [](ObjectSpec& s) {
         s.symbols.push_back({.name = "newer",
                              .version = "N2",
                              .library = "libneeded.so",
                              .defined = false,
                              .binding = STB_WEAK});
       }},
  };
  return cases;
}

}  // namespace ldseal::damage
