// libc calls back into the program.

#include <stdio.h>
#include <stdlib.h>

static int compare(const void* one, const void* other) {
  return *(const int*)one - *(const int*)other;
}

int main(void) {
  int numbers[] = {5, 3, 9, 1, 7}, wanted = 7;
  qsort(numbers, 5, sizeof *numbers, compare);
  for (int n = 0; n < 5; ++n) printf("%d ", numbers[n]);
  int* found = bsearch(&wanted, numbers, 5, sizeof *numbers, compare);
  printf("found at %td\n", found - numbers);
  return 0;
}
