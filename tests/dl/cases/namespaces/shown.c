// A debugger finds the namespaces of dlmopen behind the program's list.

#include "spaces.h"

extern ElfW(Dyn) _DYNAMIC[];

static const struct r_debug_extended* list_of_program(void) {
  for (ElfW(Dyn)* entry = _DYNAMIC; entry->d_tag != DT_NULL; ++entry)
    if (entry->d_tag == DT_DEBUG) return (const struct r_debug_extended*)entry->d_un.d_ptr;
  give_up("no DT_DEBUG", "");
}

static void say_lists(const struct r_debug_extended* list) {
  int lists = 0, objects = 0;
  say_number("version", list->base.r_version);
  if (list->base.r_version < 2) return;
  while ((list = list->r_next)) {
    ++lists;
    for (struct link_map* map = list->base.r_map; map; map = map->l_next)
      objects += strstr(map->l_name, "libcounter.so") != 0;
  }
  say_number("lists", lists);
  say_number("objects", objects);
}

int main(void) {
  const struct r_debug_extended* list = list_of_program();
  claim("_r_debug", &list->base == &_r_debug);
  say_number("version", list->base.r_version);
  void* one = opened_apart("libcounter.so");
  say_lists(list);
  void* two = opened_apart("libcounter.so");
  say_lists(list);
  closed(one);
  closed(two);
  say_lists(list);
  claim("the program is first", list->base.r_map && list->base.r_map->l_name[0] == 0);
  return 0;
}
