// The objects of the process, as dl_iterate_phdr and as link_map have them. The loaders' own names differ.
#define _GNU_SOURCE
#include <link.h>
#include <string.h>

#include "opens.h"

static void say_name(const char* list, const char* path) {
  const char* name = last_component(path);
  if (strncmp(name, "ld-", 3) != 0) say_text(list, name);
}

static int listed(struct dl_phdr_info* information, size_t size, void* first) {
  (void)size;
  if (*(int*)first) return *(int*)first = 0;  // the program, whose name is its path in musl
  say_name("listed", information->dlpi_name);
  return 0;
}

static void list(void) {
  int first = 1;
  dl_iterate_phdr(listed, &first);
  struct link_map* map;
  if (dlinfo(dlopen(0, RTLD_NOW), RTLD_DI_LINKMAP, &map) != 0) give_up("dlinfo", "the program");
  for (map = map->l_next; map; map = map->l_next) say_name("in link_map", map->l_name);
}

int main(void) {
  list();
  opened("libone.so", RTLD_NOW);
  opened("libtwo.so", RTLD_NOW);
  say("opened");
  list();
  return 0;
}
