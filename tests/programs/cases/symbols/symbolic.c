// The program defines what its library defines too: which of them does the library use?

#include "observe.h"

const char* who(void) { return "program"; }

int shared = 1;

const char* only_elsewhere(void) { return "program"; }

const char *who_in_library(void), *elsewhere(void);
int shared_value(void);

int main(void) {
  say_text("who in the library", who_in_library());
  say_number("variable in the library", shared_value());
  say_text("what the library lacks", elsewhere());
  return 0;
}
