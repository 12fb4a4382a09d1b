// A library whose constructor opens another one, and whose destructor closes it.

#include <dlfcn.h>

#include "observe.h"

static void* inner;

__attribute__((constructor)) static void begin(void) {
  say("outer begins");
  inner = dlopen("libinner.so", RTLD_NOW);
  say_number("from inner", ((int (*)(void))dlsym(inner, "in_inner"))());
}

__attribute__((destructor)) static void end(void) {
  say("outer ends");
  say_number("closed", dlclose(inner));
}
