// Checks the ELF header, field by field in order. Makes no system call and allocates nothing.
#include "ldso/elf/header.h"

namespace ldseal {
namespace {

Error wrong(Fault f, const char* field, uint64_t offset, uint64_t found, uint64_t wanted) {
  Error e = fault(f);
  e.field = field;
  e.place = Place::kFileOffset;
  e.where = offset;
  e.found = found;
  e.wanted = wanted;
  return e;
}

Status check_ident(const Ehdr& h) {
  const unsigned char magic[4] = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3};
  for (unsigned i = 0; i < 4; ++i) {
    if (h.e_ident[i] != magic[i])
      return wrong(Fault::kBadMagic, "e_ident", i, h.e_ident[i], magic[i]);
  }
  if (h.e_ident[EI_CLASS] != ELFCLASS64) {
    return wrong(Fault::kBadClass, "EI_CLASS", EI_CLASS, h.e_ident[EI_CLASS], ELFCLASS64);
  }
  if (h.e_ident[EI_DATA] != ELFDATA2LSB) {
    return wrong(Fault::kBadByteOrder, "EI_DATA", EI_DATA, h.e_ident[EI_DATA], ELFDATA2LSB);
  }
  if (h.e_ident[EI_VERSION] != EV_CURRENT) {
    return wrong(Fault::kBadElfVersion, "EI_VERSION", EI_VERSION, h.e_ident[EI_VERSION],
                 EV_CURRENT);
  }
  unsigned char abi = h.e_ident[EI_OSABI];
  if (abi != ELFOSABI_SYSV && abi != ELFOSABI_GNU) {
    return wrong(Fault::kBadOsAbi, "EI_OSABI", EI_OSABI, abi, ELFOSABI_GNU);
  }
  return {};
}

Status check_program_header_table(const Ehdr& h, ByteCount file_size) {
  if (h.e_phentsize != sizeof(Phdr)) {
    return wrong(Fault::kBadProgramHeaderSize, "e_phentsize", offsetof(Ehdr, e_phentsize),
                 h.e_phentsize, sizeof(Phdr));
  }
  if (h.e_phnum == 0) {
    return wrong(Fault::kNoProgramHeaders, "e_phnum", offsetof(Ehdr, e_phnum), 0, 1);
  }
  if (!range_fits(h.e_phoff, uint64_t{h.e_phnum} * sizeof(Phdr), file_size.value)) {
    return wrong(Fault::kProgramHeadersOutside, "e_phoff", offsetof(Ehdr, e_phoff), h.e_phoff,
                 file_size.value);
  }
  return {};
}

}  // namespace

Result<Ehdr> read_header(ByteView start, ByteCount file_size, uint16_t machine) {
  std::optional<Ehdr> header = start.read<Ehdr>(FileOffset(0));
  if (!header) return wrong(Fault::kTooSmall, "file size", 0, start.size(), sizeof(Ehdr));
  if (Status s = check_ident(*header); !s) return s.error();
  if (header->e_machine != machine) {
    return wrong(Fault::kBadMachine, "e_machine", offsetof(Ehdr, e_machine), header->e_machine,
                 machine);
  }
  if (header->e_version != EV_CURRENT) {
    return wrong(Fault::kBadElfVersion, "e_version", offsetof(Ehdr, e_version), header->e_version,
                 EV_CURRENT);
  }
  if (header->e_type != ET_EXEC && header->e_type != ET_DYN) {
    return wrong(Fault::kBadType, "e_type", offsetof(Ehdr, e_type), header->e_type, ET_DYN);
  }
  if (Status s = check_program_header_table(*header, file_size); !s) return s.error();
  return *header;
}

bool is_foreign(const Error& error) {
  return error.fault == Fault::kBadMachine || error.fault == Fault::kBadClass;
}

}  // namespace ldseal
