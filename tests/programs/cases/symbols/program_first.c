// The program's definition wins inside a library that defines the same name.

#include "observe.h"

const char* who(void) { return "program"; }

const char* who_in_library(void);
int shared = 1;
int* shared_in_library(void);

int main(void) {
  say_text("who", who());
  say_text("who in the library", who_in_library());
  claim("one variable", shared_in_library() == &shared);
  return 0;
}
