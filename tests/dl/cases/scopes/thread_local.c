// dlsym of a thread-local variable gives the calling thread's.

#include "opens.h"

static void* handle;

static void* look(void* of_main) {
  int* own = found(handle, "counter");
  claim("another address", own != of_main);
  say_number("in the thread", ++*own);
  return 0;
}

int main(void) {
  handle = opened("liblocal.so", RTLD_NOW);
  int* own = found(handle, "counter");
  *own += 5;
  joined(started(look, own));
  say_number("in main", *own);
  say_number("as the object sees it", answer(handle, "read_counter"));
  return 0;
}
