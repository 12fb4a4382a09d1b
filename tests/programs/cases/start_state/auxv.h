// The auxiliary vector behind the environment, and what it should describe.

#include <elf.h>

#include "observe.h"

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));
extern char _start[] __attribute__((visibility("hidden")));

static unsigned long value(char** environment, unsigned long type) {
  while (*environment) ++environment;
  for (Elf64_auxv_t* each = (Elf64_auxv_t*)(environment + 1); each->a_type != AT_NULL; ++each)
    if (each->a_type == type) return each->a_un.a_val;
  return 0;
}
