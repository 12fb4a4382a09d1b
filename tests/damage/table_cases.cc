// Damage to the places and contents of symbol, string and relocation tables and arrays.
#include "tests/damage/damage_case.h"

namespace ldseal::damage {
namespace {

constexpr uint64_t kFar = 0x10000000;

Error outside(const char* field, uint64_t at, uint64_t size) {
  return error_at(Place::kVaddr, at, error_in(Fault::kTableOutside, field, at, size));
}

// The table is moved to where there is nothing.
DamageCase moved_away(const char* name, int64_t tag, int64_t size_tag, const char* field,
                      std::function<void(ObjectSpec&)> prepare = nullptr) {
  return {name, Stage::kTables,
          [=](ElfImage& e) {
            e.dynamic_value(tag) = kFar;
            return outside(field, kFar, e.dynamic_value(size_tag));
          },
          std::move(prepare)};
}

// The table begins where it should and ends behind its segment.
DamageCase too_long(const char* name, int64_t tag, int64_t size_tag, const char* field,
                    uint64_t size) {
  return {name, Stage::kTables, [=](ElfImage& e) {
            e.dynamic_value(size_tag) = size;
            return outside(field, e.dynamic_value(tag), size);
          }};
}

DamageCase name_outside(const char* name, int64_t tag, const char* field,
                        std::function<void(ObjectSpec&)> prepare = nullptr) {
  return {name, Stage::kTables,
          [=](ElfImage& e) {
            e.dynamic_value(tag) = e.places.strings_size;
            return error_in(Fault::kStringOutside, field, e.places.strings_size,
                            e.places.strings_size);
          },
          std::move(prepare)};
}

DamageCase function_outside(const char* name, int64_t tag, const char* field, uint64_t at) {
  return {name, Stage::kTables,
          [=](ElfImage&) { return error_in(Fault::kFunctionOutside, field, at, 0); },
          [=](ObjectSpec& s) {
            s.more_dynamic = {{tag, {at}}};
          }};
}

void with_arrays(ObjectSpec& s) { s.init_array = s.fini_array = {0, 0}; }

}  // namespace

const std::vector<DamageCase>& table_cases() {
  static const std::vector<DamageCase> cases = {
      {"StringTableIsMissing", Stage::kTables,
       [](ElfImage& e) {
         e.remove_dynamic(DT_STRTAB);
         Error expected = fault(Fault::kTableMissing);
         expected.field = "DT_STRTAB";
         return expected;
       }},
      {"SymbolTableIsMissing", Stage::kTables,
       [](ElfImage& e) {
         e.remove_dynamic(DT_SYMTAB);
         Error expected = fault(Fault::kTableMissing);
         expected.field = "DT_SYMTAB";
         return expected;
       }},
      {"SizeOfTheStringTableIsMissing", Stage::kTables,
       [](ElfImage& e) {
         e.remove_dynamic(DT_STRSZ);
         return outside("DT_STRTAB", e.places.strings, 0);
       }},
      {"StringTableDoesNotEndInANul", Stage::kTables,
       [](ElfImage& e) {
         e.dynamic_value(DT_STRSZ) -= 1;
         return fault(Fault::kStringsUnterminated);
       }},
      moved_away("StringTableIsInNoSegment", DT_STRTAB, DT_STRSZ, "DT_STRTAB"),
      moved_away("RelocationsAreInNoSegment", DT_RELA, DT_RELASZ, "DT_RELA"),
      moved_away("PltRelocationsAreInNoSegment", DT_JMPREL, DT_PLTRELSZ, "DT_JMPREL"),
      moved_away("RelrIsInNoSegment", DT_RELR, DT_RELRSZ, "DT_RELR"),
      moved_away("InitArrayIsInNoSegment", DT_INIT_ARRAY, DT_INIT_ARRAYSZ, "DT_INIT_ARRAY",
                 with_arrays),
      moved_away("FiniArrayIsInNoSegment", DT_FINI_ARRAY, DT_FINI_ARRAYSZ, "DT_FINI_ARRAY",
                 with_arrays),
      {"PreinitArrayIsInNoSegment", Stage::kTables,
       [](ElfImage&) { return outside("DT_PREINIT_ARRAY", kFar, 8); },
       [](ObjectSpec& s) {
         s.more_dynamic = {{DT_PREINIT_ARRAY, {kFar}}, {DT_PREINIT_ARRAYSZ, {8}}};
       }},
      too_long("StringTableLeavesItsSegment", DT_STRTAB, DT_STRSZ, "DT_STRTAB", 0x100000),
      too_long("StringTableWraps", DT_STRTAB, DT_STRSZ, "DT_STRTAB", UINT64_MAX),
      too_long("RelocationsLeaveTheirSegment", DT_RELA, DT_RELASZ, "DT_RELA", 24 * 0x10000),
      too_long("RelocationsWrap", DT_RELA, DT_RELASZ, "DT_RELA", UINT64_MAX / 24 * 24),
      too_long("PltRelocationsLeaveTheirSegment", DT_JMPREL, DT_PLTRELSZ, "DT_JMPREL",
               24 * 0x10000),
      too_long("RelrLeavesItsSegment", DT_RELR, DT_RELRSZ, "DT_RELR", 0x100000),
      {"SymbolTableIsInNoSegment", Stage::kTables,
       [](ElfImage& e) {
         e.dynamic_value(DT_SYMTAB) = kFar;
         return outside("DT_SYMTAB", kFar, e.symbol_names.size() * sizeof(Sym));
       }},
      {"SymbolTableIsNotAligned", Stage::kTables,
       [](ElfImage& e) {
         uint64_t at = e.dynamic_value(DT_SYMTAB) += 4;
         return outside("DT_SYMTAB", at, e.symbol_names.size() * sizeof(Sym));
       }},
      {"SymbolTableReachesBehindItsSegment", Stage::kTables,
       [](ElfImage& e) {
         uint64_t size = e.symbol_names.size() * sizeof(Sym);
         uint64_t at = e.dynamic_value(DT_SYMTAB) = (e.places.text_end - size + 8) / 8 * 8;
         return outside("DT_SYMTAB", at, size);
       }},
      function_outside("InitFunctionIsInNoSegment", DT_INIT, "DT_INIT", kFar),
      function_outside("InitFunctionIsAtTheTopOfTheAddressSpace", DT_INIT, "DT_INIT", UINT64_MAX),
      function_outside("FiniFunctionIsInNoSegment", DT_FINI, "DT_FINI", kFar),
      {"FiniFunctionIsInData", Stage::kTables,
       [](ElfImage& e) {
         e.dynamic_value(DT_FINI) = e.places.words;
         return error_in(Fault::kFunctionOutside, "DT_FINI", e.places.words, 0);
       },
       [](ObjectSpec& s) {
         s.more_dynamic = {{DT_FINI, {0}}};
       }},
      {"TablesAreInASegmentThatCannotBeRead", Stage::kTables,
       [](ElfImage& e) {
         e.text().p_flags = PF_X;
         return outside("DT_STRTAB", e.places.strings, e.places.strings_size);
       }},
      {"DynamicSectionIsInASegmentThatCannotBeRead", Stage::kTables,
       [](ElfImage& e) {
         e.data().p_flags = PF_W;
         e.segment(PT_TLS).p_type = PT_NULL;
         const Phdr& ph = e.segment(PT_DYNAMIC);
         Error expected =
             error_in(Fault::kDynamicOutside, "PT_DYNAMIC p_vaddr", ph.p_vaddr, ph.p_memsz);
         return error_at(Place::kVaddr, ph.p_vaddr, expected);
       }},
      name_outside("NeededNameIsOutsideTheStrings", DT_NEEDED, "DT_NEEDED"),
      name_outside("SonameIsOutsideTheStrings", DT_SONAME, "DT_SONAME"),
      name_outside("RpathIsOutsideTheStrings", DT_RPATH, "DT_RPATH",
                   [](ObjectSpec& s) { s.rpath = "/r"; }),
      name_outside("RunpathIsOutsideTheStrings", DT_RUNPATH, "DT_RUNPATH",
                   [](ObjectSpec& s) { s.runpath = "/r"; }),
  };
  return cases;
}

}  // namespace ldseal::damage
