// Constructors that open other objects do so from many threads.

#include "together.h"

static void* work(void* which) {
  char name[40];
  snprintf(name, sizeof name, "libopener%ld.so", (long)which % 2);
  for (int round = 0; round < kRounds; ++round) {
    void* handle = opened(name, RTLD_NOW);
    expect(answer(handle, "inside") == 1 + (int)((long)which % 2) * 100);
    closed(handle);
  }
  return 0;
}

int main(void) {
  together(6, work);
  claim("nothing is left", !is_mapped("libopener") && !is_mapped("libguest"));
  say_number("wrong", wrong);
  return 0;
}
