// Not yet allowed here: globals with addresses in them, switch tables, string tables.
#include "ldso/start/self_relocate.h"

extern "C" {
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));
extern const Elf64_Dyn _DYNAMIC[] __attribute__((visibility("hidden")));
}

namespace ldseal {

const Ehdr* own_header() { return &__ehdr_start; }

void self_relocate() {
  uintptr_t bias = reinterpret_cast<uintptr_t>(&__ehdr_start);
  uintptr_t rela = 0, rela_size = 0, relr = 0, relr_size = 0;
  for (const Dyn* entry = _DYNAMIC; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_RELA) rela = bias + entry->d_un.d_ptr;
    if (entry->d_tag == DT_RELASZ) rela_size = entry->d_un.d_val;
    if (entry->d_tag == DT_RELR) relr = bias + entry->d_un.d_ptr;
    if (entry->d_tag == DT_RELRSZ) relr_size = entry->d_un.d_val;
  }
  const auto* r = reinterpret_cast<const Rela*>(rela);
  for (const Rela* end = r + rela_size / sizeof(Rela); r < end; ++r) {
    *reinterpret_cast<uintptr_t*>(bias + r->r_offset) = bias + static_cast<uintptr_t>(r->r_addend);
  }
  uintptr_t* place = nullptr;
  const auto* entry = reinterpret_cast<const uintptr_t*>(relr);
  for (const uintptr_t* end = entry + relr_size / 8; entry < end; ++entry) {
    if ((*entry & 1) == 0) {
      place = reinterpret_cast<uintptr_t*>(bias + *entry);
      *place++ += bias;
      continue;
    }
    uintptr_t* at = place;
    for (uintptr_t bits = *entry >> 1; bits != 0; bits >>= 1, ++at) {
      if ((bits & 1) != 0) *at += bias;
    }
    place += 63;
  }
}

}  // namespace ldseal
