// `_r_debug`, used directly: a COPY relocation where the program is not made with -fPIC.

#include "opens.h"

static int is_listed(const char* name) {
  int count = 0;
  for (struct link_map* l = _r_debug.r_map; l; l = l->l_next) count += strstr(l->l_name, name) != 0;
  return count;
}

int main(void) {
  say_number("version", _r_debug.r_version != 0);
  say_number("begins with the program", _r_debug.r_map->l_ld == _DYNAMIC);
  say_number("before", is_listed("libone.so"));
  void* handle = opened("libone.so", RTLD_NOW);
  say_number("open", is_listed("libone.so"));
  closed(handle);
  say_number("closed", is_listed("libone.so"));
  say_number("one for all", dlsym(RTLD_DEFAULT, "_r_debug") == (void*)&_r_debug);
  return 0;
}
