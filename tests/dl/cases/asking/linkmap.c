// dlinfo gives the link_map of a handle.

#include "opens.h"

static int has_dynamic(const ElfW(Dyn) * entry, ElfW(Sxword) tag) {
  for (; entry->d_tag != DT_NULL; ++entry)
    if (entry->d_tag == tag) return 1;
  return 0;
}

int main(void) {
  struct link_map* map = 0;
  Dl_info information;
  void* handle = opened("libnamed.so", RTLD_NOW);
  say_number("told", dlinfo(handle, RTLD_DI_LINKMAP, &map));
  dladdr(found(handle, "function"), &information);
  say_text("file", last_component(map->l_name));
  claim("base", (void*)map->l_addr == information.dli_fbase);
  claim("dynamic section", has_dynamic(map->l_ld, DT_SONAME));
  claim("linked to the ones before", map->l_prev && map->l_prev->l_next == map);
  return 0;
}
