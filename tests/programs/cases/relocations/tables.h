// Pointers in every second word, and once in a row, so that a RELR bitmap has both holes and runs.

#include "observe.h"
#define COUNT 150

struct Pair {
  int* pointer;
  long number;
};

static int values[COUNT];
#define TEN(macro, from)                                                                      \
  macro(from) macro(from + 1) macro(from + 2) macro(from + 3) macro(from + 4) macro(from + 5) \
      macro(from + 6) macro(from + 7) macro(from + 8) macro(from + 9)
#define FIFTY(macro, from) \
  TEN(macro, from)         \
  TEN(macro, from + 10) TEN(macro, from + 20) TEN(macro, from + 30) TEN(macro, from + 40)
#define HUNDRED_AND_FIFTY(macro) FIFTY(macro, 0) FIFTY(macro, 50) FIFTY(macro, 100)
#define PAIR(n) {&values[n], n},
#define POINTER(n) &values[n],
static struct Pair pairs[] = {HUNDRED_AND_FIFTY(PAIR)};
static int* pointers[] = {HUNDRED_AND_FIFTY(POINTER)};
static int* const constants[] = {HUNDRED_AND_FIFTY(POINTER)};

static int wrong(void) {
  int count = 0;
  int** moving = OPAQUE(&pointers[0]);
  int* const* fixed = OPAQUE(&constants[0]);
  struct Pair* pair = OPAQUE(&pairs[0]);
  for (int n = 0; n < COUNT; ++n)
    count += (moving[n] != &values[n]) + (fixed[n] != &values[n]) +
             (pair[n].pointer != &values[n]) + (pair[n].number != n);
  return count;
}
