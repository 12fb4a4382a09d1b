// dl_iterate_phdr tells the same counts for every object, and the program headers that dlinfo tells.

#include "opens.h"

struct Seen {
  unsigned long long adds, subs;
  int entries, differing, other_headers;
};

static int look(struct dl_phdr_info* information, size_t size, void* argument) {
  struct Seen* seen = argument;
  const ElfW(Phdr)* headers = 0;
  if (size < sizeof *information) return 1;
  if (seen->entries++ == 0)
    seen->adds = information->dlpi_adds, seen->subs = information->dlpi_subs;
  seen->differing += seen->adds != information->dlpi_adds || seen->subs != information->dlpi_subs;
  struct link_map* l = ((struct r_debug*)dlsym(RTLD_DEFAULT, "_r_debug"))->r_map;
  while (l && l->l_addr != information->dlpi_addr) l = l->l_next;
  int count = l ? dlinfo(l, RTLD_DI_PHDR, &headers) : -1;
  seen->other_headers += count != information->dlpi_phnum || headers != information->dlpi_phdr;
  return 0;
}

int main(void) {
  closed(opened("libone.so", RTLD_NOW));
  opened("libone.so", RTLD_NOW);
  struct Seen seen = {0};
  dl_iterate_phdr(look, &seen);
  say_number("some", seen.entries > 2);
  say_number("differing", seen.differing);
  say_number("other headers", seen.other_headers);
  return 0;
}
