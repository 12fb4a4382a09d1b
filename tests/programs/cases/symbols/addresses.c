// A function has one address in the program and in two libraries.

#include "observe.h"

void function(void);
void (*address_in_own(void))(void), (*address_in_other(void))(void);
extern void (*const table_in_other[1])(void);
static void (*const table[])(void) = {function};

int main(void) {
  claim("its library", OPAQUE(&function) == address_in_own());
  claim("another library", OPAQUE(&function) == address_in_other());
  claim("a table there", OPAQUE(&function) == table_in_other[0]);
  claim("a table here", OPAQUE(&table[0])[0] == address_in_own());
  return 0;
}
