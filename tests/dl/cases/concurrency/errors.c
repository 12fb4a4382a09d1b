// Each thread reads its own errors.

#include "together.h"

static void* work(void* which) {
  char name[40];
  for (int round = 0; round < kRounds; ++round) {
    snprintf(name, sizeof name, "libmissing_%ld_%d.so", (long)which, round);
    expect(dlopen(name, RTLD_NOW) == 0);
    const char* text = dlerror();
    expect(text && strstr(text, name));
    expect(dlerror() == 0);
  }
  return 0;
}

int main(void) {
  together(8, work);
  say_number("wrong", wrong);
  return 0;
}
