// Goes once around a circle of pointers that leads through every library.

#include "observe.h"

extern void* word_0[];

int main(void) {
  void** each = word_0;
  int steps = 0;
  do {
    each = (void**)*each;
    ++steps;
  } while (each != word_0 && steps < 5000);
  say_number("libraries in the circle", steps);
  return 0;
}
