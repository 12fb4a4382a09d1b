// dladdr names functions of the program and of its library.

#define _GNU_SOURCE
#include <dlfcn.h>

#include "observe.h"

int in_library(void);

__attribute__((visibility("default"))) int in_program(void) { return 2; }

static void ask(const char* what, char* address) {
  Dl_info information;
  if (!dladdr(address + 1, &information)) {
    say_text(what, "not found");
    return;
  }
  say_text(what, information.dli_sname);
  say_text("file", last_component(information.dli_fname));
  claim("exact", information.dli_saddr == address);
  claim("base", *(const unsigned int*)information.dli_fbase == 0x464c457f);
}

int main(void) {
  ask("program", (char*)in_program);
  ask("library", (char*)in_library);
  return 0;
}
