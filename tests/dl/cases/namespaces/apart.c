// A library is opened in the program's namespace and in two new ones.

#include <errno.h>

#include "spaces.h"

int main(void) {
  void* base = opened("libcounter.so", RTLD_NOW);
  void *one = opened_apart("libcounter.so"), *two = opened_apart("libcounter.so");
  say_number("base is in", space_of(base));
  say_number("one is in", space_of(one));
  say_number("two is in", space_of(two));
  claim("three objects", base != one && one != two && base != two);
  for (int n = 0; n < 2; ++n) say_number("base counts", answer(base, "count_on"));
  for (int n = 0; n < 3; ++n) say_number("one counts", answer(one, "count_on"));
  say_number("two counts", answer(two, "count_on"));
  void* (*puts_of_one)(void) = found(one, "its_puts"),
        *(*puts_of_two)(void) = found(two, "its_puts");
  void* (*puts_of_base)(void) = found(base, "its_puts");
  claim("base has the program's libc", puts_of_base() == (void*)puts);
  claim("others have a libc each", puts_of_one() != (void*)puts && puts_of_one() != puts_of_two());
  errno = 3;
  say_number("its errno", answer(one, "use_libc"));
  say_number("the program's errno", errno);
  closed(two);
  closed(one);
  say_number("base counts", answer(base, "count_on"));
  closed(base);
  return 0;
}
