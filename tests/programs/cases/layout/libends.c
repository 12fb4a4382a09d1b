// A library whose data end in the middle of a page, where its zeros begin.

#include "observe.h"

LENGTHEN_FILE;
char text_in_library[41] = "ends at another odd place";
static char zeros[777];

char library_zeros_are_zero(void) {
  char sum = 0;
  for (int n = 0; n < 777; ++n) sum |= zeros[n];
  return sum;
}
