"""Thousands of rounds of opening, failing to open, and closing: nothing may be left of them."""

from workshop.recipe import Library

from .common import opening

_PROGRAM = """
static void rounds(int count) {
  for (int round = 0; round < count; ++round) {
    void *handle = opened("libtop.so", RTLD_NOW | (round % 2 ? RTLD_GLOBAL : RTLD_LOCAL));
    if (answer(handle, "total") != 15) give_up("wrong total in", "libtop.so");
    if (refused("libtop.so", RTLD_NOW) || !refused("libnowhere.so", RTLD_NOW)) give_up("wrong answer of", "dlopen");
    closed(handle);
    closed(handle);
  }
}
static long mapped_bytes(void) {
  unsigned long total = 0, start, end;
  read_mappings(mappings_text, kMappingsSize);
  for (char *rest = mappings_text, *line; (line = strsep(&rest, "\\n")) && *line;)
    if (sscanf(line, "%lx-%lx", &start, &end) == 2) total += end - start;
  return total;
}
int main(int argc, char **argv) {
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
"""
_LIBRARIES = (
    Library("bottom", "static __thread int own = 5;\nint bottom(void) { return own; }\n"),
    Library("top", """
#include <stdlib.h>
int bottom(void);
static void *memory;
static void end(void) { free(memory); }
__attribute__((constructor)) static void begin(void) { memory = malloc(1000); atexit(end); }
int total(void) { return bottom() + 10; }
""", needs=("bottom",)))


def _rounds(count, machine, libc="glibc", **choices):
    """The resident memory of a program under an emulator is mostly the emulator's, so it is not looked at there."""
    return opening(f"{count} rounds of opening and closing leave nothing behind with {libc} on {machine}", _PROGRAM,
                   *_LIBRARIES, arguments=(str(count), str(int(machine == "x86_64"))), machines=(machine,),
                   libcs=(libc,), **choices)


RECIPES = [
    _rounds(10000, "x86_64"), _rounds(100000, "x86_64", slow=True), _rounds(500, "aarch64"),
    _rounds(1000, "x86_64", "musl"), _rounds(500, "aarch64", "musl"),
]
