// Applies the relocations of an image to its own addresses, where it lies in memory. For code that
// relocates itself, so nothing here needs a relocation.
#pragma once

#include "arch/native.h"
#include "ldso/base/number.h"
#include "ldso/elf/types.h"

namespace ldseal {

// The relocation tables of an image in memory. In a static program `plt` holds IRELATIVE entries.
struct OwnTables {
  const Rela* rela = nullptr;
  const Rela* plt = nullptr;
  const uintptr_t* relr = nullptr;
  size_t rela_size = 0, plt_size = 0, relr_size = 0;  // in bytes
  const Sym* symbols = nullptr;

  const Rela* rela_end() const { return rela + rela_size / sizeof(Rela); }
  const Rela* plt_end() const { return plt + plt_size / sizeof(Rela); }
  const uintptr_t* relr_end() const { return relr + relr_size / sizeof(uintptr_t); }
};

inline OwnTables own_tables(const Dyn* dynamic, LoadBias bias) {
  OwnTables tables;
  for (const Dyn* entry = dynamic; entry->d_tag != DT_NULL; ++entry) {
    Address at = Vaddr(entry->d_un.d_ptr) + bias;
    if (entry->d_tag == DT_RELA) tables.rela = at.as<const Rela>();
    if (entry->d_tag == DT_RELASZ) tables.rela_size = entry->d_un.d_val;
    if (entry->d_tag == DT_JMPREL) tables.plt = at.as<const Rela>();
    if (entry->d_tag == DT_PLTRELSZ) tables.plt_size = entry->d_un.d_val;
    if (entry->d_tag == DT_RELR) tables.relr = at.as<const uintptr_t>();
    if (entry->d_tag == DT_RELRSZ) tables.relr_size = entry->d_un.d_val;
    if (entry->d_tag == DT_SYMTAB) tables.symbols = at.as<const Sym>();
  }
  return tables;
}

// Applies the RELATIVE entries of DT_RELA, then DT_RELR. In DT_RELR an even word is an address to
// relocate; an odd word is a bit map of the 63 words that follow.
inline void relocate_relative(const OwnTables& tables, LoadBias bias) {
  for (const Rela* r = tables.rela; r < tables.rela_end(); ++r) {
    if (relocation_type(*r) != Native::kRelativeType) continue;
    *(Vaddr(r->r_offset) + bias).as<uint64_t>() = bias.value + static_cast<uint64_t>(r->r_addend);
  }
  auto* place = (Vaddr(0) + bias).as<uint64_t>();
  for (const uintptr_t* entry = tables.relr; entry < tables.relr_end(); ++entry) {
    if ((*entry & 1) == 0) {
      place = (Vaddr(*entry) + bias).as<uint64_t>();
      *place++ += bias.value;
      continue;
    }
    uint64_t* at = place;
    for (uintptr_t bits = *entry >> 1; bits != 0; bits >>= 1, ++at) {
      if ((bits & 1) != 0) *at += bias.value;
    }
    place += 63;
  }
}

}  // namespace ldseal
