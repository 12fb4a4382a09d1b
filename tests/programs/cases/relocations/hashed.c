// Ten functions are found in a library of 200, and one that nobody defines is not.

#include "observe.h"
#define DECLARE(n) int numbered_##n(void);
#define CALL(n) +numbered_##n()
#define ALL(macro) \
  macro(0) macro(1) macro(2) macro(3) macro(5) macro(8) macro(13) macro(21) macro(34) macro(55)
ALL(DECLARE)
int absent(void) __attribute__((weak));

int main(void) {
  say_number("sum", 0 ALL(CALL));
  claim("a name that nobody defines is not found", OPAQUE(&absent) == 0);
  return 0;
}
