// A resolver can ask the compiler's run time what the processor can.

#include "observe.h"

__attribute__((target_clones("avx2", "sse4.2", "default"))) int sum(const int* numbers, int count) {
  int total = 0;
  for (int n = 0; n < count; ++n) total += numbers[n];
  return total;
}

int sum_in_library(const int* numbers, int count);

int main(void) {
  int numbers[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  say_number("program", sum(numbers, 9));
  say_number("library", sum_in_library(numbers, 9));
  return 0;
}
