// A protected function is its library's own, whoever else defines it.

#include "observe.h"

const char* who(void) { return "program"; }

const char *who_in_library(void), *who_through_pointer(void);

int main(void) {
  say_text("who", who());
  say_text("in the library", who_in_library());
  say_text("through the library's pointer", who_through_pointer());
  return 0;
}
