// A backtrace from a function of the program that an opened object calls. The includer's look()
// looks at it.
#define _GNU_SOURCE
#include <execinfo.h>

#include "opens.h"

static void look(void);
static void* frames[30];
static int count;

__attribute__((noinline)) int called_back(void) {
  count = backtrace(frames, 30);
  return count;
}

int main(void) {
  int (*through)(int (*)(void)) =
      (int (*)(int (*)(void)))found(opened("libthrough.so", RTLD_NOW), "through");
  claim("frames", through(called_back) > 4);
  look();
  return 0;
}
