// An object opened again has fresh TLS in a thread that used it before.

#include "opens.h"

int main(void) {
  for (int round = 0; round < 3; ++round) {
    void* handle = opened("libcounter.so", RTLD_NOW);
    say_number("count", answer(handle, "next"));
    say_number("count", answer(handle, "next"));
    closed(handle);
  }
  return 0;
}
