// Tells by what name the loader is known, in each of the ways in which a program can ask.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <sys/auxv.h>

static int tell(struct dl_phdr_info* info, size_t size, void* base) {
  if (info->dlpi_addr == (ElfW(Addr))base) printf("dl_iterate_phdr %s\n", info->dlpi_name);
  return 0;
}

int main(void) {
  void* base = (void*)getauxval(AT_BASE);
  Dl_info info;
  dl_iterate_phdr(tell, base);
  for (struct link_map* map = _r_debug.r_map; map != NULL; map = map->l_next) {
    if (map->l_addr == (ElfW(Addr))base) printf("link_map %s\n", map->l_name);
  }
  if (dladdr(base, &info)) printf("dladdr %s\n", info.dli_fname);
  return 0;
}
