// An auditor (rtld-audit(7)): counts the objects that are opened, and says so when the program starts.
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>

static int opened;

unsigned int la_version(unsigned int version) {
  printf("auditing\n");
  return version;
}

unsigned int la_objopen(struct link_map* map, Lmid_t space, uintptr_t* cookie) {
  (void)map, (void)space, (void)cookie;
  ++opened;
  return 0;
}

void la_preinit(uintptr_t* cookie) {
  (void)cookie;
  printf("opened before the program: %d\n", opened);
  fflush(stdout);
}
