// Every entry of the auxiliary vector appears once and as the kernel wrote it.

#include "auxv.h"

int main(int argc, char** argv, char** environment) {
  (void)argc;
  (void)argv;
  while (*environment) ++environment;
  Elf64_auxv_t* first = (Elf64_auxv_t*)(environment + 1);
  int twice = 0;
  for (Elf64_auxv_t* each = first; each->a_type != AT_NULL; ++each) {
    if (each->a_type < 50) say_number("type", each->a_type);
    for (Elf64_auxv_t* other = first; other != each; ++other)
      twice += other->a_type == each->a_type && each->a_type != AT_IGNORE;
  }
  say_number("types that appear twice", twice);
  return 0;
}
