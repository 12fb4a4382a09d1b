// dl_iterate_phdr shows whole objects while others come and go.

#include "together.h"

struct Walk {
  int objects, stable;
  unsigned long long live;
};

static int look(struct dl_phdr_info* information, size_t size, void* argument) {
  struct Walk* walk = argument;
  int loads = 0, first = 1;
  (void)size;
  for (int n = 0; n < information->dlpi_phnum; ++n) {
    const ElfW(Phdr)* header = &information->dlpi_phdr[n];
    if (header->p_type != PT_LOAD) continue;
    ++loads;
    if (first && header->p_offset == 0)
      expect(memcmp((char*)information->dlpi_addr + header->p_vaddr, "\177ELF", 4) == 0);
    first = 0;
  }
  expect(loads > 0 && information->dlpi_name != 0);
  walk->stable += strstr(information->dlpi_name, "libstable.so") != 0;
  walk->live = information->dlpi_adds - information->dlpi_subs;
  ++walk->objects;
  return 0;
}

static void* work(void* unused) {
  for (int round = 0; round < kRounds * 3; ++round) {
    struct Walk walk = {0, 0, 0};
    dl_iterate_phdr(look, &walk);
    expect(walk.stable == 1);
    expect(walk.objects >= 3);
  }
  return unused;
}

int main(void) {
  opened("libstable.so", RTLD_NOW);
  pthread_t guests = in_background(come_and_go);
  together(4, work);
  until_now(guests);
  say_number("wrong", wrong);
  return 0;
}
