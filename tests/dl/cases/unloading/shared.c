// What two objects need stays until both are closed.

#include "opens.h"

int main(void) {
  void *one = opened("libone.so", RTLD_NOW), *two = opened("libtwo.so", RTLD_NOW);
  closed(one);
  claim("the one is gone", !is_mapped("libone.so"));
  claim("what both need is there", is_mapped("libshared.so"));
  say_number("and works", answer(two, "shared"));
  closed(two);
  claim("the other is gone", !is_mapped("libtwo.so"));
  claim("what both needed is gone", !is_mapped("libshared.so"));
  return 0;
}
