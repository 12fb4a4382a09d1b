// A missing dependency leaves no trace of the object and of what was found.

#include "unchanged.h"

int main(int argc, char** argv) {
  char path[4096];
  snprintf(path, sizeof path, "%s/libabsent.so", argv[1]);
  unlink(path);  // it was there to link with
  fails_without_a_trace("libneeds.so", RTLD_NOW);
  claim("no descriptor is left open", same_descriptors());
  return 0;
}
