// Damage to the dynamic section itself.
#include "tests/damage/damage_case.h"

namespace ldseal::damage {
namespace {

DamageCase wrong_entry_size(const char* name, int64_t tag, const char* field, uint64_t found,
                            uint64_t wanted) {
  return {name, Stage::kTables, [=](ElfImage& e) {
            e.dynamic_value(tag) = found;
            return error_in(Fault::kBadEntrySize, field, found, wanted);
          }};
}

// The size of a table is one byte too much.
DamageCase wrong_table_size(const char* name, int64_t tag, int64_t size_tag, const char* field,
                            uint64_t entry_size,
                            std::function<void(ObjectSpec&)> prepare = nullptr) {
  return {name, Stage::kTables,
          [=](ElfImage& e) {
            uint64_t size = ++e.dynamic_value(size_tag);
            Error expected = error_in(Fault::kBadTableSize, field, size, entry_size);
            return error_at(Place::kVaddr, e.dynamic_value(tag), expected);
          },
          std::move(prepare)};
}

DamageCase not_aligned(const char* name, int64_t tag, const char* field) {
  return {name, Stage::kTables, [=](ElfImage& e) {
            uint64_t at = ++e.dynamic_value(tag);
            return error_at(Place::kVaddr, at, error_in(Fault::kBadTableSize, field, at, 8));
          }};
}

void with_arrays(ObjectSpec& s) { s.init_array = s.fini_array = {0, 0}; }
void with_preinit_array(ObjectSpec& s) {
  s.more_dynamic = {{DT_PREINIT_ARRAY, {0}}, {DT_PREINIT_ARRAYSZ, {0}}};
}

}  // namespace

const std::vector<DamageCase>& dynamic_cases() {
  static const std::vector<DamageCase> cases = {
      {"DynamicSectionHasNoEnd", Stage::kTables,
       [](ElfImage& e) {
         e.dynamic(DT_NULL).d_tag = DT_DEBUG;
         return fault(Fault::kDynamicUnterminated);
       }},
      {"DynamicSectionIsEmpty", Stage::kTables,
       [](ElfImage& e) {
         e.segment(PT_DYNAMIC).p_memsz = e.segment(PT_DYNAMIC).p_filesz = 0;
         return fault(Fault::kDynamicUnterminated);
       }},
      wrong_entry_size("SymbolsAreOfAnotherSize", DT_SYMENT, "DT_SYMENT", 16, sizeof(Sym)),
      wrong_entry_size("RelocationsAreOfAnotherSize", DT_RELAENT, "DT_RELAENT", 16, sizeof(Rela)),
      wrong_entry_size("RelrWordsAreOfAnotherSize", DT_RELRENT, "DT_RELRENT", 4, 8),
      wrong_entry_size("PltIsOfRelocationsWithoutAddend", DT_PLTREL, "DT_PLTREL", DT_REL, DT_RELA),
      wrong_entry_size("MoreRelativeRelocationsAreCountedThanThereAre", DT_RELACOUNT,
                       "DT_RELACOUNT", 6, 5),
      {"RelocationsWithoutAddendAreThere", Stage::kTables,
       [](ElfImage& e) {
         e.dynamic_value(DT_RELSZ) = 16;
         return error_in(Fault::kBadEntrySize, "DT_RELSZ", 16, 0);
       },
       [](ObjectSpec& s) {
         s.more_dynamic = {{DT_RELSZ, {0}}};
       }},
      wrong_table_size("RelocationsEndInAnEntry", DT_RELA, DT_RELASZ, "DT_RELASZ", sizeof(Rela)),
      wrong_table_size("PltRelocationsEndInAnEntry", DT_JMPREL, DT_PLTRELSZ, "DT_PLTRELSZ",
                       sizeof(Rela)),
      wrong_table_size("RelrEndsInAWord", DT_RELR, DT_RELRSZ, "DT_RELRSZ", 8),
      wrong_table_size("InitArrayEndsInAWord", DT_INIT_ARRAY, DT_INIT_ARRAYSZ, "DT_INIT_ARRAYSZ", 8,
                       with_arrays),
      wrong_table_size("FiniArrayEndsInAWord", DT_FINI_ARRAY, DT_FINI_ARRAYSZ, "DT_FINI_ARRAYSZ", 8,
                       with_arrays),
      wrong_table_size("PreinitArrayEndsInAWord", DT_PREINIT_ARRAY, DT_PREINIT_ARRAYSZ,
                       "DT_PREINIT_ARRAYSZ", 8, with_preinit_array),
      not_aligned("RelocationsAreNotAligned", DT_RELA, "DT_RELA"),
      not_aligned("PltRelocationsAreNotAligned", DT_JMPREL, "DT_JMPREL"),
      not_aligned("RelrIsNotAligned", DT_RELR, "DT_RELR"),
  };
  return cases;
}

}  // namespace ldseal::damage
