// An open that fails twice: the second failure must leave every line of /proc/self/maps as it was.
// The first may grow the heap or open a cache.
#include "opens.h"

struct Seen {
  unsigned long long adds, subs;
  int count;
};

static int see(struct dl_phdr_info* information, size_t size, void* argument) {
  struct Seen* seen = argument;
  (void)size;
  seen->adds = information->dlpi_adds;
  seen->subs = information->dlpi_subs;
  ++seen->count;
  return 0;
}

static char before[kMappingsSize], after[kMappingsSize];

static void fails_without_a_trace(const char* name, int flags) {
  struct Seen first = {0}, last = {0};
  refused(name, flags);
  dl_iterate_phdr(see, &first);
  read_mappings(before, sizeof before);
  claim("refused", refused(name, flags));
  read_mappings(after, sizeof after);
  dl_iterate_phdr(see, &last);
  claim("the mappings are the same", strcmp(before, after) == 0);
  claim("as many objects", first.count == last.count);
  claim("as many added as removed", last.adds - first.adds == last.subs - first.subs);
}

static int same_descriptors(void) {
  int next = dup(0);
  close(next);
  return next == 3;
}
