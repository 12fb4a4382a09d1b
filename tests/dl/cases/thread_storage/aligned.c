// TLS of an opened object is aligned as it asks.

#include "opens.h"

static void* look(void* handle) {
  say_number("aligned", answer(handle, "aligned"));
  return 0;
}

int main(void) {
  void* handle = opened("libaligned.so", RTLD_NOW);
  look(handle);
  for (int n = 0; n < 3; ++n) joined(started(look, handle));
  return 0;
}
