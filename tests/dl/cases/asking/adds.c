// dl_iterate_phdr counts what was added and removed.

#include "opens.h"

struct Counts {
  unsigned long long adds, subs;
  int listed;
  const char* name;
};

static int count(struct dl_phdr_info* information, size_t size, void* argument) {
  struct Counts* counts = argument;
  if (size < sizeof *information) return 1;
  counts->adds = information->dlpi_adds;
  counts->subs = information->dlpi_subs;
  counts->listed += strstr(information->dlpi_name, counts->name) != 0;
  return 0;
}

static struct Counts counted(const char* name) {
  struct Counts counts = {0, 0, 0, name};
  dl_iterate_phdr(count, &counts);
  return counts;
}

int main(void) {
  struct Counts before = counted("libtwo.so");
  void* handle = opened("libtwo.so", RTLD_NOW);
  struct Counts during = counted("libtwo.so");
  opened("libtwo.so", RTLD_NOW);
  struct Counts twice = counted("libtwo.so");
  closed(handle);
  closed(handle);
  struct Counts after = counted("libtwo.so");
  say_number("added by an open", during.adds - before.adds);
  say_number("added by another", twice.adds - during.adds);
  say_number("removed by then", twice.subs - before.subs);
  say_number("removed by the last close", after.subs - twice.subs);
  say_number("listed before", before.listed);
  say_number("listed while open", during.listed);
  say_number("listed after", after.listed);
  return 0;
}
