// A handle is the object's link_map, and the program's the first of them.

#include "opens.h"

int main(void) {
  struct link_map *map = 0, *program = opened(0, RTLD_NOW);
  void* handle = opened("libnamed.so", RTLD_NOW);
  dlinfo(handle, RTLD_DI_LINKMAP, &map);
  claim("the handle", map == handle);
  claim("no name", program->l_name[0] == 0);
  claim("none before", program->l_prev == 0);
  int seen = 0;
  for (struct link_map* each = program; each; each = each->l_next) seen += each == map;
  say_number("seen in the list", seen);
  return 0;
}
