// musl keeps a closed object and its data, and ends it at exit.

#include "opens.h"

int main(void) {
  void* handle = opened("libcounter.so", RTLD_NOW);
  say_number("count", answer(handle, "next"));
  say_number("closed", dlclose(handle));
  claim("mapped", is_mapped("libcounter.so"));
  void* again = opened("libcounter.so", RTLD_NOW);
  claim("the same handle", again == handle);
  say_number("count", answer(again, "next"));
  closed(opened("libends.so", RTLD_NOW));
  say("main returns");
  return 0;
}
