// Thread-local variables of every kind, and whether they still are as the file has them.

#include <string.h>

extern int tables[];
int tables[3] = {70, 71, 72};
__thread int exported = 10;
static __thread int first = 20, second = 30;
static __thread char zeros[300];
static __thread int* pointer = &tables[1];
static __thread __attribute__((aligned(16))) int aligned = 40;
#ifdef MUCH /* a small block may find room in the static one */
static __thread char much[200000];
#define SEES_MUCH() (much[100000] != 0)
#else
#define SEES_MUCH() 0
#endif
/* 0: all is as at the start; else which variable was not. */
int fresh(void) {
  for (int n = 0; n < 300; ++n)
    if (zeros[n]) return 1;
  if (exported != 10) return 2;
  if (first != 20 || second != 30) return 3;
  if (*pointer != 71) return 4;
  if (SEES_MUCH()) return 6;
  if (aligned != 40 || (unsigned long)&aligned % 16) return 5;
  return 0;
}

int total(void) { return exported + first + second + zeros[299] + *pointer + aligned; }

void change(int by) {
  exported += by;
  first += by;
  second += by;
  aligned += by;
  memset(zeros, by, sizeof zeros);
  pointer = &tables[2];
}
