// The memory that a relocation changes: stores values there, and describes it in errors.
#pragma once

#include "ldso/base/error.h"
#include "ldso/elf/relocation.h"
#include "ldso/image/module.h"

namespace ldseal {

inline Error at_place(Fault f, const Module& module, const Rela& r) {
  Error e = fault(f);
  e.object = module.display_name();
  e.place = Place::kVaddr;
  e.where = r.r_offset;
  e.found = relocation_type(r);
  return e;
}

// The address need not be aligned.
inline uint64_t load_word(Address place) {
  uint64_t word;
  __builtin_memcpy(&word, place.as<const void>(), sizeof word);
  return word;
}

template <class T>
void store(Address place, T value) {
  __builtin_memcpy(place.as<void>(), &value, sizeof value);
}

}  // namespace ldseal
