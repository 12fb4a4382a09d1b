// A program at a fixed address and its libraries agree on the address of a function.

#include "observe.h"

void function(void);
int called(void);
void (*address_in_own(void))(void), (*address_in_other(void))(void);
static void (*const table[])(void) = {function};

int main(void) {
  claim("its library", OPAQUE(&function) == address_in_own());
  claim("another library", OPAQUE(&function) == address_in_other());
  claim("a table", OPAQUE(&table[0])[0] == address_in_own());
  function();
  address_in_own()();
  say_number("called", called());
  return 0;
}
