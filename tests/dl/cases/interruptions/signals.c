// A signal handler uses TLS that its thread has, while that thread opens and closes.

#define _GNU_SOURCE
#include <signal.h>

#include "../concurrency/together.h"

static int (*next)(void);
static pthread_t target;
static volatile int handled;

static void handle(int number) {
  (void)number;
  expect(next() == 51 + ++handled);
}

static void* send(void* unused) {
  while (!atomic_load(&stop)) {
    pthread_kill(target, SIGUSR1);
    usleep(200);
  }
  return unused;
}

int main(void) {
  next = (int (*)(void))found(opened("libcounter.so", RTLD_NOW), "next");
  expect(next() == 51);
  signal(SIGUSR1, handle);
  target = pthread_self();
  pthread_t sender = in_background(send);
  for (int round = 0; round < kRounds || handled < 20; ++round) {
    void* guest = opened("libguest1.so", RTLD_NOW);
    expect(answer(guest, "guest") == 101);
    closed(guest);
  }
  until_now(sender);
  say_number("wrong", wrong);
  return 0;
}
