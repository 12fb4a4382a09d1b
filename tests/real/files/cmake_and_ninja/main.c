#include "config.h"
#include <stdio.h>
int sum(int a, int b);
int main(void) {
#ifdef HAVE_QSORT
  printf("sum %d\n", sum(1, 5));
#endif
  return 0;
}
