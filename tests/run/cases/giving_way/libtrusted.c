// Says that it is loaded.
#include <stdio.h>

__attribute__((constructor)) static void begin(void) {
  puts("trusted is here");
  fflush(stdout);
}
