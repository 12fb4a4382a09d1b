// Eight threads open and close one object.

#include "together.h"

static void* work(void* unused) {
  for (int round = 0; round < kRounds; ++round) {
    void* handle = opened("libguest1.so", RTLD_NOW);
    expect(answer(handle, "guest") == 101);
    closed(handle);
  }
  return unused;
}

int main(void) {
  together(8, work);
  claim("not mapped", !is_mapped("libguest1.so"));
  say_number("wrong", wrong);
  return 0;
}
