// Twenty opened objects have their own TLS while others come and go.

#include "opens.h"

int main(void) {
  void* handles[20];
  char name[40];
  int wrong = 0;
  for (int round = 0; round < 30; ++round) {
    for (int n = 0; n < 20; ++n) {
      snprintf(name, sizeof name, "libmany%d.so", n);
      if (round == 0 || (n * 7 + round) % 3 == 0) {
        if (round) closed(handles[n]);
        handles[n] = opened(name, RTLD_NOW);
        wrong += answer(handles[n], "next") != n * 1000 + 1;
      } else {
        wrong += answer(handles[n], "next") <= n * 1000 + 1;
      }
    }
  }
  say_number("wrong", wrong);
  return 0;
}
