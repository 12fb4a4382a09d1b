// A module whose TLS is only zeros gets zeros.

#include "observe.h"

static __thread long zeros[300];
long sum_in_library(void);

int main(void) {
  long sum = 0;
  long* from = OPAQUE(&zeros[0]);
  for (int n = 0; n < 300; ++n) sum += from[n];
  say_number("sum in the program", sum);
  say_number("sum in the library", sum_in_library());
  return 0;
}
