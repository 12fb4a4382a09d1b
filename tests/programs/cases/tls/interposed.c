// The program's definition of a TLS variable wins over its library's.

#include "observe.h"

__thread int shared = 1;
int shared_in_library(void);

int main(void) {
  say_number("in the library", shared_in_library());
  shared = 6;
  say_number("after a change", shared_in_library());
  return 0;
}
