// What musl answers otherwise than glibc.
#define _GNU_SOURCE
#include <link.h>

#include "opens.h"

static void told(const char* what, int answer) {
  const char* text = dlerror();
  say_number(what, answer);
  say(text ? text : "nothing");
}

static int name_of_first(struct dl_phdr_info* information, size_t size, void* unused) {
  (void)size, (void)unused;
  say_text("first", last_component(information->dlpi_name));
  return 1;
}

int main(void) {
  struct link_map* map;
  static char no_handle[64];
  told("no name", dlopen("", RTLD_NOW) != 0);
  told("the vDSO by glibc's name", dlopen("linux-vdso.so.1", RTLD_NOW | RTLD_NOLOAD) != 0);
  told("the vDSO by musl's name", dlopen("linux-gate.so.1", RTLD_NOW | RTLD_NOLOAD) != 0);
  say_number("closing what is no handle", dlclose(no_handle));
  say_number("it is an error", dlerror() != 0);
  dl_iterate_phdr(name_of_first, 0);
  if (dlinfo(dlopen(0, RTLD_NOW), RTLD_DI_LINKMAP, &map) != 0) give_up("dlinfo", "the program");
  say_text("first in link_map", last_component(map->l_name));
  say_number("a program", answer(opened("libprogram.so", RTLD_NOW), "in_program"));
  return 0;
}
