// Opens, fails to open and closes as often as its argument says: no mapping and no memory may be
// left.

#include "opens.h"

static void rounds(int count) {
  for (int round = 0; round < count; ++round) {
    void* handle = opened("libtop.so", RTLD_NOW | (round % 2 ? RTLD_GLOBAL : RTLD_LOCAL));
    if (answer(handle, "total") != 15) give_up("wrong total in", "libtop.so");
    if (refused("libtop.so", RTLD_NOW) || !refused("libnowhere.so", RTLD_NOW))
      give_up("wrong answer of", "dlopen");
    closed(handle);
    closed(handle);
  }
}

static long mapped_bytes(void) {
  unsigned long total = 0, start, end;
  read_mappings(mappings_text, kMappingsSize);
  for (char *rest = mappings_text, *line; (line = strsep(&rest, "\n")) && *line;)
    if (sscanf(line, "%lx-%lx", &start, &end) == 2) total += end - start;
  return total;
}

int main(int argc, char** argv) {
  rounds(200);
  int mappings = mappings_of("");
  long bytes = mapped_bytes(), resident = resident_kib();
  rounds(atoi(argv[1]));
  claim("no mapping more", mappings_of("") <= mappings);
  claim("no address space more", mapped_bytes() <= bytes);
  long growth = resident_kib() - resident;
  if (atoi(argv[2]) && growth >= 400) say_number("KiB more", growth);
  claim("no memory more", !atoi(argv[2]) || growth < 400);
  return 0;
}
