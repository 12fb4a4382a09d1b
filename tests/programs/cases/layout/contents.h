// Data, zeros, constants and pointers, and whether they are where they should be with what they
// should hold.

#include "observe.h"
#ifndef ZEROS
#define ZEROS 10000
#endif
LENGTHEN_FILE;
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
static int filled[300] = {[0] = 1, [299] = 300};
static int zeros[ZEROS];
static const int constants[300] = {[299] = 7};
static int* const pointer = &filled[299];
static int* moving = &zeros[ZEROS - 1];

static int is_right(void) {
  int *data = OPAQUE(&filled[0]), *nothing = OPAQUE(&zeros[0]);
  const int* fixed = OPAQUE(&constants[0]);
  for (int n = 1; n < 299; ++n)
    if (data[n]) return 0;
  for (int n = 0; n < ZEROS; ++n)
    if (nothing[n]) return 0;
  for (int n = 0; n < ZEROS; n += 512) nothing[n] = n;
  for (int n = 0; n < ZEROS; n += 512)
    if (nothing[n] != n) return 0;
  return data[0] == 1 && data[299] == 300 && fixed[299] == 7 && *OPAQUE(pointer) == 300 &&
         OPAQUE(moving) == &nothing[ZEROS - 1] && __ehdr_start[0] == 127 && __ehdr_start[3] == 'F';
}
