// A namespace that a constructor of start-up has made.

#include "spaces.h"

int count_for_program(void);

int main(void) {
  say_number("counts", count_for_program());
  return 0;
}
