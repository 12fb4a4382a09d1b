// Exceptions find their way in many threads while objects come and go.

#include "together.h"

static int (*catches)(int (*)(int), int);

static int thrown(int number) { throw number; }

static void* work(void* unused) {
  for (int round = 1; round < kRounds * 3; ++round) {
    expect(catches(thrown, round) == -round);
    try {
      thrown(round);
    } catch (int number) {
      expect(number == round);
    }
  }
  return unused;
}

int main() {
  catches = (int (*)(int (*)(int), int))found(opened("libcatcher.so", RTLD_NOW), "catches");
  pthread_t guests = in_background(come_and_go);
  together(6, work);
  until_now(guests);
  say_number("wrong", wrong);
  return 0;
}
