// A child forked while objects come and go opens, looks up and walks.

#include "forks.h"

static int seen(struct dl_phdr_info* information, size_t size, void* count) {
  (void)size;
  *(int*)count += strstr(information->dlpi_name, "libcounter.so") != 0;
  return 0;
}

static int child(void) {
  int count = 0;
  dl_iterate_phdr(seen, &count);
  if (count != 1) return 2;
  if (dlsym(RTLD_DEFAULT, "strlen") == 0) return 3;
  if (answer(opened("libguest3.so", RTLD_NOW), "guest") != 301) return 4;
  return 0;
}
