// What is no object is refused: a missing file, a folder, a text, an empty file.

#include "unchanged.h"

int main(void) {
  fails_without_a_trace("/nowhere/libnothing.so", RTLD_NOW);
  fails_without_a_trace("/tmp", RTLD_NOW);
  fails_without_a_trace("/etc/passwd", RTLD_NOW);
  fails_without_a_trace("/dev/null", RTLD_NOW);
  claim("no descriptor is left open", same_descriptors());
  return 0;
}
