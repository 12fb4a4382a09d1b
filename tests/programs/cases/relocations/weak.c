// Weak references to nothing are null, in the program and in a library.

#include "observe.h"

extern int absent_data __attribute__((weak));
void absent_function(void) __attribute__((weak));
int* pointer = &absent_data;
int nulls_in_library(void);

int main(void) {
  claim("data", OPAQUE(&absent_data) == 0);
  claim("pointer to data", OPAQUE(pointer) == 0);
  claim("function", OPAQUE(&absent_function) == 0);
  say_number("nulls in the library", nulls_in_library());
  return 0;
}
