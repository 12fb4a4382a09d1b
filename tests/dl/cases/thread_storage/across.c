// An opened object uses the TLS of the program and of another opened object.

#include "opens.h"

__thread int of_program = 5;

static void* look(void* handle) {
  say_number("program's", answer(handle, "see_program"));
  say_number("other's", answer(handle, "see_other"));
  return 0;
}

int main(void) {
  void* other = opened("libother.so", RTLD_NOW | RTLD_GLOBAL);
  void* handle = opened("libuser.so", RTLD_NOW);
  of_program = 6;
  *(int*)found(other, "of_other") = 16;
  look(handle);
  joined(started(look, handle));
  return 0;
}
