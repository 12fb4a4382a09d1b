// dladdr1 gives the symbol table entry and the link_map.

#include "opens.h"

int main(void) {
  Dl_info information;
  const ElfW(Sym)* entry = 0;
  struct link_map* map = 0;
  void* handle = opened("libnamed.so", RTLD_NOW);
  char* data = found(handle, "data");
  claim("entry", dladdr1(data + 4, &information, (void**)&entry, RTLD_DL_SYMENT) != 0 && entry);
  say_number("size", entry->st_size);
  claim("link_map", dladdr1(data, &information, (void**)&map, RTLD_DL_LINKMAP) != 0 && map);
  claim("entry's address", (char*)map->l_addr + entry->st_value == data);
  say_text("file", last_component(map->l_name));
  return 0;
}
