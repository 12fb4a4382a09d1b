// Zeros begin where the file's data end in the middle of a page.

#include "observe.h"

char library_zeros_are_zero(void);
LENGTHEN_FILE;
static char text[37] = "ends at an odd place";
static char zeros[9001];

int main(void) {
  char sum = 0;
  char* from = OPAQUE(&zeros[0]);
  for (int n = 0; n < 9001; ++n) sum |= from[n];
  say_number("zeros", sum);
  say_text("text", OPAQUE(&text[0]));
  say_number("zeros of the library", library_zeros_are_zero());
  return 0;
}
