// What dlsym(RTLD_DEFAULT) has found stays, for whoever asked.

#include "opens.h"

int main(void) {
  void *first = opened("libone.so", RTLD_NOW | RTLD_GLOBAL),
       *asker = opened("libasker.so", RTLD_NOW);
  int (*by_asker)(void) = (int (*)(void))found(asker, "ask");
  say_number("asked", by_asker());
  closed(first);
  say_number("kept by an object", is_mapped("libone.so"));
  say_number("asked again", by_asker());
  closed(asker);
  say_number("left with it", is_mapped("libone.so"));
  void* second = opened("libtwo.so", RTLD_NOW | RTLD_GLOBAL);
  int (*two)(void) = (int (*)(void))found(RTLD_DEFAULT, "two");
  closed(second);
  say_number("kept by the program", two());
  void* third = opened("libthree.so", RTLD_NOW | RTLD_GLOBAL);
  found(third, "three");
  closed(third);
  say_number("not by a handle", is_mapped("libthree.so"));
  return 0;
}
