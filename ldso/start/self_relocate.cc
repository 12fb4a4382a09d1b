// Not allowed before self_relocate() is done: globals that hold addresses, switch tables, tables of
// texts.
#include "ldso/start/self_relocate.h"

#include "ldso/elf/relative.h"

extern "C" {
extern const Elf64_Ehdr __ehdr_start;
extern const Elf64_Dyn _DYNAMIC[];
}

namespace ldseal {

const Ehdr* own_header() { return &__ehdr_start; }

void self_relocate() {
  LoadBias bias(reinterpret_cast<uintptr_t>(&__ehdr_start));
  relocate_relative(own_tables(_DYNAMIC, bias), bias);
}

}  // namespace ldseal
