// A program defines an IFUNC, and its library calls it.

#include "observe.h"

static int one(void) { return 1; }

static int two(void) { return 2; }

static int (*resolve(void))(void) { return one == two ? one : two; }

int chosen(void) __attribute__((ifunc("resolve")));
static int (*const table[])(void) = {chosen};
int in_library(void);
int (*address_in_library(void))(void);

int main(void) {
  say_number("called", chosen());
  say_number("by the table", OPAQUE(&table[0])[0]());
  say_number("by the library", in_library());
  claim("one address", OPAQUE(&chosen) == address_in_library());
  claim("one address in the table", OPAQUE(&table[0])[0] == address_in_library());
  return 0;
}
