// Constructors and destructors that use stdio, malloc and the environment.

#include <stdio.h>
#include <stdlib.h>

static void at_exit(void) { puts("atexit of the library's constructor"); }

__attribute__((constructor)) static void begin(void) {
  setenv("FROM_LIBRARY", "set by a constructor", 1);
  puts("buffered by the library's constructor");
  atexit(at_exit);
}

__attribute__((destructor)) static void end(void) { puts("buffered by the library's destructor"); }
