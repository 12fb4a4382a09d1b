// What dlerror says of common failures.

#include "opens.h"

static void told(void) {
  const char* text = dlerror();
  say(text ? text : "nothing");
}

int main(void) {
  void* handle = opened("libone.so", RTLD_NOW);
  const char* names[] = {"libmissing.so", "/nowhere/libmissing.so", "/etc/passwd", "/etc",
                         "/etc/passwd/libone.so"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; ++i) {
    say_number("refused", dlopen(names[i], RTLD_NOW) == 0);
    told();
  }
  say_number("not loaded", dlopen("/nowhere/libmissing.so", RTLD_NOW | RTLD_NOLOAD) == 0);
  told();
  say_number("no function", dlopen("liblacking.so", RTLD_NOW) == 0);
  told();
  say_number("no symbol", dlsym(handle, "absent") == 0);
  told();
  say_number("no request", dlinfo(handle, 999, &handle) == -1);
  told();
  return 0;
}
