// A preloaded library comes after the program and before its libraries.

#include "observe.h"

const char *who(void), *who_in_library(void), *in_program_too(void), *in_library(void);

const char* in_program_too(void) { return "program"; }

int main(void) {
  say_text("who", who());
  say_text("who in the library", who_in_library());
  say_text("the program's in the library", in_library());
  return 0;
}
