// An exception leaves qsort and bsearch through a comparison in an opened object.

#include "opens.h"

int main() {
  void* handle = opened("libcompares.so", RTLD_NOW);
  auto compare = (int (*)(const void*, const void*))found(handle, "compare");
  int numbers[] = {5, 3, 9, 1, 7}, wanted = 9;
  try {
    qsort(numbers, 5, sizeof *numbers, compare);
    say("sorted");
  } catch (int number) {
    say_number("qsort", number);
  }
  try {
    bsearch(&wanted, numbers, 5, sizeof *numbers, compare);
    say("found");
  } catch (int number) {
    say_number("bsearch", number);
  }
  return 0;
}
