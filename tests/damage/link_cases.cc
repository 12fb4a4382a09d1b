// Damage that only linking finds: what a single relocation asks for.
#include "tests/damage/damage_case.h"

namespace ldseal::damage {
namespace {

// The error of relocation `r`, which says its type.
Error at_relocation(Fault f, const Rela& r) {
  Error e = fault(f);
  e.found = relocation_type(r);
  return error_at(Place::kVaddr, r.r_offset, e);
}

void set_type(Rela& r, uint32_t type) { r.r_info = (r.r_info & ~uint64_t{UINT32_MAX}) | type; }

DamageCase changed_type(const char* name, uint32_t type, Fault f) {
  return {name, Stage::kLink, [=](ElfImage& e) {
            set_type(e.rela(1), type);
            return at_relocation(f, e.rela(1));
          }};
}

DamageCase moved(const char* name, Fault f, std::function<uint64_t(ElfImage&)> to, unsigned which) {
  return {name, Stage::kLink, [=](ElfImage& e) {
            e.rela(which).r_offset = to(e);
            return at_relocation(f, e.rela(which));
          }};
}

Error at_packed(uint64_t place, Fault f) {
  Error e = fault(f);
  if (f != Fault::kBadRelr) e.found = R_X86_64_RELATIVE;
  return error_at(Place::kVaddr, place, e);
}

uint64_t in_text(ElfImage& e) { return e.places.code; }
uint64_t behind(ElfImage& e) { return e.places.memory_end + 0x100000; }
uint64_t across_the_end(ElfImage& e) { return e.places.memory_end - 4; }
uint64_t at_the_top(ElfImage&) { return UINT64_MAX - 3; }

// All of the object can be written, the tables that are in use too.
DamageCase moved_into_tables(const char* name, uint64_t Places::*table) {
  return {name, Stage::kLink, [=](ElfImage& e) {
            e.text().p_flags |= PF_W;
            e.rela(1).r_offset = e.places.*table + 16;
            return at_relocation(Fault::kRelocationInTables, e.rela(1));
          }};
}

}  // namespace

const std::vector<DamageCase>& link_cases() {
  static const std::vector<DamageCase> cases = {
      {"SymbolIsDefinedNowhere", Stage::kLink,
       [](ElfImage&) {
         Error expected = fault(Fault::kSymbolMissing);
         expected.name = "nowhere";
         return expected;
       },
       [](ObjectSpec& s) {
         s.symbols.push_back({.name = "nowhere", .defined = false});
         s.rela.push_back({.word = 9, .type = R_X86_64_64, .symbol = "nowhere"});
       }},
      moved_into_tables("RelocationChangesNames", &Places::strings),
      moved_into_tables("RelocationChangesTheGnuHash", &Places::gnu_hash),
      {"SymbolIsDefinedInAnotherVersionOnly", Stage::kLink,
       [](ElfImage& e) {
         // beta is defined as V2; a reference to V1 of the same name.
         Error expected = fault(Fault::kSymbolMissing);
         expected.name = "beta";
         expected.version = "V1";
         e.symbol("other@V1").st_name = e.symbol("beta@V2").st_name;
         e.symbol("other@V1").st_shndx = SHN_UNDEF;
         return expected;
       },
       [](ObjectSpec& s) {
         s.symbols.push_back({.name = "other", .version = "V1", .defined = false});
         s.rela.push_back({.word = 9, .type = R_X86_64_64, .symbol = "other@V1"});
       }},
      {"RelocationNamesASymbolBehindTheTable", Stage::kLink,
       [](ElfImage& e) {
         Rela& r = e.rela(1);
         r.r_info = uint64_t{0x12345} << 32 | R_X86_64_64;
         Error expected = at_relocation(Fault::kSymbolIndexOutside, r);
         expected.found = 0x12345;
         expected.wanted = e.symbol_names.size();
         return expected;
       }},
      {"CopyNamesASymbolBehindTheTable", Stage::kLink,
       [](ElfImage& e) {
         e.rela(1).r_info = uint64_t{0x12345} << 32 | R_X86_64_COPY;
         Error expected = at_relocation(Fault::kSymbolIndexOutside, e.rela(1));
         expected.found = 0x12345;
         expected.wanted = e.symbol_names.size();
         return expected;
       },
       nullptr, ModuleKind::kProgram},
      changed_type("RelocationTypeIsUnknown", 255, Fault::kUnknownRelocation),
      changed_type("RelocationTypeIsOfObjectFilesOnly", R_X86_64_GOTPCREL,
                   Fault::kUnknownRelocation),
      changed_type("CopyIsInALibrary", R_X86_64_COPY, Fault::kCopyOutsideProgram),
      moved("RelocationIsInText", Fault::kTextRelocation, in_text, 1),
      moved("RelativeRelocationIsInText", Fault::kTextRelocation, in_text, 0),
      moved("RelocationIsInNoSegment", Fault::kRelocationOutside, behind, 1),
      moved("RelativeRelocationIsInNoSegment", Fault::kRelocationOutside, behind, 0),
      moved("RelocationLeavesItsSegment", Fault::kRelocationOutside, across_the_end, 1),
      moved("RelocationWraps", Fault::kRelocationOutside, at_the_top, 1),
      moved("RelativeRelocationWraps", Fault::kRelocationOutside, at_the_top, 0),
      changed_type("AddressDoesNotFitInFourBytes", R_X86_64_32, Fault::kRelocationOverflow),
      {"PackedRelocationIsInNoSegment", Stage::kLink,
       [](ElfImage& e) {
         e.relr(0) = behind(e) / 8 * 8;
         return at_packed(e.relr(0), Fault::kRelocationOutside);
       }},
      {"PackedRelocationIsInText", Stage::kLink,
       [](ElfImage& e) {
         e.relr(0) = in_text(e) / 8 * 8;
         return at_packed(e.relr(0), Fault::kTextRelocation);
       }},
      {"PackedMapLeavesItsSegment", Stage::kLink,
       [](ElfImage& e) {
         // 63 words from the last one on: the data words and the zeroes end before.
         e.relr(0) = e.places.memory_end / 8 * 8 - 16;
         e.relr(1) = UINT64_MAX;
         return at_packed(e.places.memory_end / 8 * 8, Fault::kRelocationOutside);
       }},
      {"PackedTableBeginsWithAMap", Stage::kLink,
       [](ElfImage& e) {
         e.relr(0) = UINT64_MAX;
         return at_packed(e.places.relr, Fault::kBadRelr);
       }},
      {"ThreadLocalSymbolIsInAnObjectWithoutTls", Stage::kLink,
       [](ElfImage& e) {
         e.segment(PT_TLS).p_type = PT_NULL;
         Error expected = at_relocation(Fault::kTlsSymbolWithoutTls, e.rela(3));
         expected.name = kItself;
         return expected;
       }},
      {"ThreadLocalBlockIsTooLarge", Stage::kLink,
       [](ElfImage& e) {
         e.segment(PT_TLS).p_memsz = uint64_t{1} << 40;
         return error_in(Fault::kTlsTooLarge, "PT_TLS p_memsz", uint64_t{1} << 40,
                         uint64_t{1} << 32);
       }},
  };
  return cases;
}

}  // namespace ldseal::damage
