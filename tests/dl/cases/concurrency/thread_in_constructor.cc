// A constructor can wait for a thread that throws, walks the objects and uses TLS.

#include "together.h"

int main() {
  say_number("seen", answer(opened("libstarter.so", RTLD_NOW), "seen"));
  say_number("wrong", wrong);
  return 0;
}
