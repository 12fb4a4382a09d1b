// A function is called by the program, through a pointer and by its own library.

#include "observe.h"

int twice(int);
int (*pointer)(int) = twice;
int through_library(int);

int main(void) {
  say_number("called", twice(21));
  say_number("called by pointer", OPAQUE(pointer)(4));
  say_number("called by the library", through_library(5));
  return 0;
}
