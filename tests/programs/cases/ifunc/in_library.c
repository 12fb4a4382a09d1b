// A library defines an IFUNC, and the program calls it.

#include "observe.h"

int chosen(void);
int own_call(void);
int (*own_address(void))(void);
static int (*const table[])(void) = {chosen};

int main(void) {
  say_number("by the program", chosen());
  say_number("by its library", own_call());
  claim("one address", OPAQUE(&chosen) == own_address());
  claim("one address in a table", OPAQUE(&table[0])[0] == own_address());
  return 0;
}
