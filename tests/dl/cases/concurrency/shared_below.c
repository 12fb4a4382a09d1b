// Threads that open and close different objects share what these need.

#include "together.h"

static void* work(void* which) {
  char name[40];
  snprintf(name, sizeof name, "libuser%ld.so", (long)which);
  for (int round = 0; round < kRounds; ++round) {
    void* handle = opened(name, RTLD_NOW);
    expect(answer(handle, "user") == 40 + (int)(long)which);
    closed(handle);
  }
  return 0;
}

int main(void) {
  together(4, work);
  claim("nothing is left", !is_mapped("libuser") && !is_mapped("libbelow.so"));
  say_number("wrong", wrong);
  return 0;
}
