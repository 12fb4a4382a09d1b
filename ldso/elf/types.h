// The ELF structures under the names of <elf.h>, and the few constants that it lacks.
#pragma once

#include <cstdint>
#include <elf.h>

namespace ldseal {

using Ehdr = Elf64_Ehdr;
using Phdr = Elf64_Phdr;
using Shdr = Elf64_Shdr;
using Sym = Elf64_Sym;
using Rela = Elf64_Rela;
using Dyn = Elf64_Dyn;

constexpr unsigned symbol_binding(const Sym& s) { return s.st_info >> 4; }
constexpr unsigned symbol_type(const Sym& s) { return s.st_info & 0xf; }
constexpr unsigned symbol_visibility(const Sym& s) { return s.st_other & 0x3; }
constexpr uint32_t relocation_type(const Rela& r) { return static_cast<uint32_t>(r.r_info); }
constexpr uint32_t relocation_symbol(const Rela& r) {
  return static_cast<uint32_t>(r.r_info >> 32);
}

// Sun's, which <elf.h> may lack: an object whose definitions come before this one's, if it can be
// found (DT_AUXILIARY) or always (DT_FILTER).
constexpr int64_t kDynamicAuxiliary = 0x7ffffffd, kDynamicFilter = 0x7fffffff;
constexpr bool names_filtee(const Dyn& entry) {
  return entry.d_tag == kDynamicAuxiliary || entry.d_tag == kDynamicFilter;
}

// Set in a version index of DT_VERSYM: the definition is not the default one.
constexpr uint16_t kVersionHidden = 0x8000;
constexpr uint16_t kVersionIndexMask = 0x7fff;

}  // namespace ldseal
