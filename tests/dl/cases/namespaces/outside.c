// Code of a namespace opens in the program's namespace.

#include "spaces.h"

int number = 55;

int main(void) {
  void *counter = opened("libcounter.so", RTLD_NOW), *handle = opened_apart("libcallback.so");
  say_number("counts", answer(counter, "count_on"));
  say_number("from inside", answer(handle, "count_in_base"));
  say_number("counts", answer(counter, "count_on"));
  closed(counter);
  say_number("anew from inside", answer(handle, "count_in_base"));
  say_number("the program's", answer(handle, "number_of_program"));
  claim("the program's by -2",
        dlmopen(-2, "libcounter.so", RTLD_NOW) == opened("libcounter.so", RTLD_NOW));
  closed(handle);
  return 0;
}
