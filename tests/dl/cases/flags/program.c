// dlopen of no name is the program, with what it is linked with and what is global.

#include "opens.h"

int own(void) { return 8; }

int main(void) {
  void* program = opened(0, RTLD_NOW);
  say_number("own", answer(program, "own"));
  say_number("linked", answer(program, "linked"));
  claim("libc's", dlsym(program, "strlen") != 0);
  opened("liblocal.so", RTLD_NOW | RTLD_LOCAL);
  claim("not the local one's", unknown(program, "local"));
  opened("libprovides.so", RTLD_NOW | RTLD_GLOBAL);
  say_number("the global one's", answer(program, "provided"));
  say_number("closed", dlclose(program));
  claim("one handle", opened(0, RTLD_LAZY) == program);
  claim("no name at all is the program too", opened("", RTLD_LAZY) == program);
  return 0;
}
