// See dynamic_section.h.
#include "ldso/link/dynamic_section.h"

namespace ldseal {
namespace {

// glibc's elf_get_dynamic_info.
bool is_made_absolute(int64_t tag) {
  switch (tag) {
    case DT_HASH:
    case DT_GNU_HASH:
    case DT_STRTAB:
    case DT_SYMTAB:
    case DT_PLTGOT:
    case DT_JMPREL:
    case DT_RELA:
    case DT_VERSYM:
    case DT_RELR:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool is_dynamic_writable(const Module& m) {
  const Phdr* section = m.segments.dynamic;
  if (section == nullptr || (section->p_flags & PF_W) == 0) return false;
  return loads_cover(m.segments.headers, Vaddr(section->p_vaddr), ByteCount(section->p_memsz),
                     PF_W);
}

void make_dynamic_absolute(const Module& m) {
  if (m.bias == LoadBias(0) || !is_dynamic_writable(m)) return;
  for (Dyn* entry = m.dynamic_section().as<Dyn>(); entry->d_tag != DT_NULL; ++entry) {
    if (is_made_absolute(entry->d_tag)) entry->d_un.d_ptr += m.bias.value;
  }
}

}  // namespace ldseal
