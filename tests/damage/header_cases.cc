// Damage to the ELF header.
#include <cstddef>

#include "tests/damage/damage_case.h"

namespace ldseal::damage {
namespace {

Error in_header(size_t offset, Fault f, const char* field, uint64_t found, uint64_t wanted) {
  return error_at(Place::kFileOffset, offset, error_in(f, field, found, wanted));
}

Error set_ident(ElfImage& e, size_t index, unsigned char value, Fault f, const char* field,
                uint64_t wanted) {
  e.header().e_ident[index] = value;
  return in_header(index, f, field, value, wanted);
}

// A file of which only the first bytes are there.
Error truncate(ElfImage& e, size_t size) {
  e.bytes.resize(size);
  return in_header(0, Fault::kTooSmall, "file size", size, sizeof(Ehdr));
}

}  // namespace

const std::vector<DamageCase>& header_cases() {
  static const std::vector<DamageCase> cases = {
      {"FileIsEmpty", Stage::kHeader, [](ElfImage& e) { return truncate(e, 0); }},
      {"FileHasOnlyItsMagic", Stage::kHeader, [](ElfImage& e) { return truncate(e, 4); }},
      {"FileEndsInTheHeader", Stage::kHeader,
       [](ElfImage& e) { return truncate(e, sizeof(Ehdr) - 1); }},
      {"FileIsAShortScript", Stage::kHeader,
       [](ElfImage& e) {
         const std::string script = "#!/bin/sh\n";
         e.bytes.assign(script.begin(), script.end());
         return truncate(e, script.size());
       }},
      {"FirstByteIsWrong", Stage::kHeader,
       [](ElfImage& e) { return set_ident(e, 0, 0x7e, Fault::kBadMagic, "e_ident", ELFMAG0); }},
      {"LastByteOfTheMagicIsWrong", Stage::kHeader,
       [](ElfImage& e) { return set_ident(e, 3, 'f', Fault::kBadMagic, "e_ident", ELFMAG3); }},
      {"ClassIs32Bit", Stage::kHeader,
       [](ElfImage& e) {
         return set_ident(e, EI_CLASS, ELFCLASS32, Fault::kBadClass, "EI_CLASS", ELFCLASS64);
       }},
      {"ByteOrderIsBig", Stage::kHeader,
       [](ElfImage& e) {
         return set_ident(e, EI_DATA, ELFDATA2MSB, Fault::kBadByteOrder, "EI_DATA", ELFDATA2LSB);
       }},
      {"VersionInIdentIsZero", Stage::kHeader,
       [](ElfImage& e) {
         return set_ident(e, EI_VERSION, 0, Fault::kBadElfVersion, "EI_VERSION", EV_CURRENT);
       }},
      {"OperatingSystemIsFreeBsd", Stage::kHeader,
       [](ElfImage& e) {
         return set_ident(e, EI_OSABI, ELFOSABI_FREEBSD, Fault::kBadOsAbi, "EI_OSABI",
                          ELFOSABI_GNU);
       }},
      {"MachineIsAnother", Stage::kHeader,
       [](ElfImage& e) {
         e.header().e_machine = EM_PPC64;
         return in_header(offsetof(Ehdr, e_machine), Fault::kBadMachine, "e_machine", EM_PPC64,
                          EM_X86_64);
       }},
      {"VersionIsTwo", Stage::kHeader,
       [](ElfImage& e) {
         e.header().e_version = 2;
         return in_header(offsetof(Ehdr, e_version), Fault::kBadElfVersion, "e_version", 2,
                          EV_CURRENT);
       }},
      {"TypeIsARelocatableObject", Stage::kHeader,
       [](ElfImage& e) {
         e.header().e_type = ET_REL;
         return in_header(offsetof(Ehdr, e_type), Fault::kBadType, "e_type", ET_REL, ET_DYN);
       }},
      {"TypeIsACoreDump", Stage::kHeader,
       [](ElfImage& e) {
         e.header().e_type = ET_CORE;
         return in_header(offsetof(Ehdr, e_type), Fault::kBadType, "e_type", ET_CORE, ET_DYN);
       }},
      {"ProgramHeadersAreOfAnotherSize", Stage::kHeader,
       [](ElfImage& e) {
         e.header().e_phentsize = 32;
         return in_header(offsetof(Ehdr, e_phentsize), Fault::kBadProgramHeaderSize, "e_phentsize",
                          32, sizeof(Phdr));
       }},
      {"ThereAreNoProgramHeaders", Stage::kHeader,
       [](ElfImage& e) {
         e.header().e_phnum = 0;
         return in_header(offsetof(Ehdr, e_phnum), Fault::kNoProgramHeaders, "e_phnum", 0, 1);
       }},
      {"ProgramHeadersBeginBehindTheFile", Stage::kHeader,
       [](ElfImage& e) {
         e.header().e_phoff = e.bytes.size() + 1;
         return in_header(offsetof(Ehdr, e_phoff), Fault::kProgramHeadersOutside, "e_phoff",
                          e.bytes.size() + 1, e.bytes.size());
       }},
      {"ProgramHeadersBeginWhereTheirEndWouldWrap", Stage::kHeader,
       [](ElfImage& e) {
         e.header().e_phoff = UINT64_MAX - 8;
         return in_header(offsetof(Ehdr, e_phoff), Fault::kProgramHeadersOutside, "e_phoff",
                          UINT64_MAX - 8, e.bytes.size());
       }},
      {"ProgramHeadersReachBeyondTheFile", Stage::kHeader,
       [](ElfImage& e) {
         e.header().e_phnum = 0xffff;
         return in_header(offsetof(Ehdr, e_phoff), Fault::kProgramHeadersOutside, "e_phoff",
                          e.places.headers, e.bytes.size());
       }},
  };
  return cases;
}

}  // namespace ldseal::damage
