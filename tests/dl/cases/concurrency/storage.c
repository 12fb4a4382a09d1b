// Each thread's TLS of an open object is its own while others come and go.

#include "together.h"

static int (*next)(void);

static void* work(void* unused) {
  for (int round = 1; round < kRounds * 20; ++round) expect(next() == 50 + round);
  return unused;
}

static void* births(void* unused) {
  for (int round = 0; round < kRounds; ++round) together(1, work);
  return unused;
}

int main(void) {
  next = (int (*)(void))found(opened("libcounter.so", RTLD_NOW), "next");
  pthread_t guests = in_background(come_and_go);
  together(4, work);
  births(0);
  until_now(guests);
  say_number("wrong", wrong);
  return 0;
}
