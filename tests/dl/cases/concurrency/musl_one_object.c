// Eight threads open and close objects under musl.

#include "together.h"

static void* work(void* unused) {
  char name[40];
  for (int round = 0; round < kRounds; ++round) {
    snprintf(name, sizeof name, "libguest%d.so", round % 4);
    void* handle = opened(name, RTLD_NOW);
    expect(answer(handle, "guest") == round % 4 * 100 + 1);
    closed(handle);
  }
  return unused;
}

int main(void) {
  together(8, work);
  say_number("wrong", wrong);
  return 0;
}
