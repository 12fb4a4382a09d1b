// A static program reads one ELF header as a file's: that of the kernel's vDSO. Which field of it
// is wrong makes no difference, so this one check replaces elf/header.cc, which would take more
// room in every program.
#include "ldso/elf/header.h"

namespace ldseal {

Result<Ehdr> read_header(ByteView start, ByteCount file_size, uint16_t machine) {
  constexpr unsigned char kIdent[] = {ELFMAG0,    ELFMAG1,     ELFMAG2,   ELFMAG3,
                                      ELFCLASS64, ELFDATA2LSB, EV_CURRENT};
  std::optional<Ehdr> header = start.read<Ehdr>(FileOffset(0));
  bool is_right =
      header && __builtin_memcmp(header->e_ident, kIdent, sizeof kIdent) == 0 &&
      header->e_machine == machine && header->e_phentsize == sizeof(Phdr) && header->e_phnum != 0 &&
      range_fits(header->e_phoff, uint64_t{header->e_phnum} * sizeof(Phdr), file_size.value);
  if (!is_right) return fault(Fault::kBadMagic);
  return *header;
}

}  // namespace ldseal
