// A pointer into the middle of another module's array has its addend.

#include "observe.h"

extern int array[10];
int* fifth = &array[5];
int* before = &array[0] - 2;

int main(void) {
  say_number("fifth", *OPAQUE(fifth));
  claim("two before", OPAQUE(before) + 2 == array);
  return 0;
}
