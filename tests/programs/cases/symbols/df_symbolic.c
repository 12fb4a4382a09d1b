// DF_SYMBOLIC makes the loader look in the library itself first.

#include "observe.h"

int shared = 1;
extern int *address_of_shared, *address_of_other;
int other_number = 7;

int main(void) {
  say_number("shared", *address_of_shared);
  say_number("other", *address_of_other);
  return 0;
}
