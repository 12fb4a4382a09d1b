// A library that looks up its own names by RTLD_DEFAULT and by RTLD_NEXT.

#define _GNU_SOURCE
#include <dlfcn.h>

int which(void) { return 20; }

int only_here(void) { return 21; }

int by_default(void) {
  int (*function)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "only_here");
  return function ? function() : -1;
}

int after_this(void) {
  int (*function)(void) = (int (*)(void))dlsym(RTLD_NEXT, "which");
  return function ? function() : -1;
}
