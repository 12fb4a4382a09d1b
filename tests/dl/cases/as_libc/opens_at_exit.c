// Opens an object while the process ends: glibc opens it, musl refuses.

#include "opens.h"

__attribute__((destructor)) static void end(void) {
  say_number("loaded already", dlopen("libone.so", RTLD_NOW) != 0);
  say(dlerror() ? "refused" : "not refused");
  say_number("new", dlopen("libtwo.so", RTLD_NOW) != 0);
  const char* text = dlerror();
  say(text ? text : "nothing");
}

int main(void) {
  opened("libone.so", RTLD_NOW);
  return 0;
}
