// dlvsym finds each version and dlsym the default one.

#include "opens.h"

static int version(void* handle, const char* name) {
  int (*function)(void) = (int (*)(void))dlvsym(handle, "thing", name);
  return function ? function() : -1;
}

int main(void) {
  void* handle = opened("libversioned.so", RTLD_NOW | RTLD_GLOBAL);
  say_number("dlsym", answer(handle, "thing"));
  say_number("OLD_1", version(handle, "OLD_1"));
  say_number("NEW_1", version(handle, "NEW_1"));
  say_number("NEW_1 by default", version(RTLD_DEFAULT, "NEW_1"));
  say_number("OLD_1 after the program", version(RTLD_NEXT, "OLD_1"));
  dlerror();
  claim("no other version", dlvsym(handle, "thing", "OTHER_1") == 0 && dlerror() != 0);
  claim("no such name", dlvsym(handle, "things", "NEW_1") == 0 && dlerror() != 0);
  return 0;
}
