#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
int sum(const int *values, size_t count);
int main(int argc, char **argv) {
  int values[16];
  for (int i = 1; i < argc && i < 16; i++) values[i - 1] = atoi(argv[i]);
  int total = sum(values, (size_t)argc - 1);
  printf("sum %d, root %.3f\n", total, sqrt(total));
  return 0;
}
