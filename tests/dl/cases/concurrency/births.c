// Threads are born and use a guest's TLS while it is opened and closed.

#include "together.h"

static void* touch(void* handle) {
  expect(answer(handle, "guest") == 201);
  return 0;
}

static void* work(void* unused) {
  for (int round = 0; round < kRounds; ++round) {
    void* handle = opened("libguest2.so", RTLD_NOW);
    joined(started(touch, handle));
    closed(handle);
  }
  return unused;
}

int main(void) {
  pthread_t guests = in_background(come_and_go);
  together(4, work);
  until_now(guests);
  say_number("wrong", wrong);
  return 0;
}
