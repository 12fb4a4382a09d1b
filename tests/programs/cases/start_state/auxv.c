// The auxiliary vector describes the program. NAMES asks for the loader and for the program's file,
// too.

#include "auxv.h"

int main(int argc, char** argv, char** environment) {
  (void)argc;
  (void)argv;
  claim("AT_PHDR",
        value(environment, AT_PHDR) == (unsigned long)&__ehdr_start + __ehdr_start.e_phoff);
  claim("AT_PHNUM", value(environment, AT_PHNUM) == __ehdr_start.e_phnum);
  claim("AT_PHENT", value(environment, AT_PHENT) == sizeof(Elf64_Phdr));
  claim("AT_ENTRY", value(environment, AT_ENTRY) == (unsigned long)_start);
  claim("AT_RANDOM", value(environment, AT_RANDOM) != 0);
  claim("AT_PAGESZ", value(environment, AT_PAGESZ) >= 4096);
  say_number("AT_SECURE", value(environment, AT_SECURE));
#ifdef NAMES
  claim("AT_BASE", value(environment, AT_BASE) != 0);
  say_text("AT_EXECFN", last_component((const char*)value(environment, AT_EXECFN)));
#endif
  return 0;
}
