// _dl_find_object answers in a signal handler while its thread opens and closes.

#define _GNU_SOURCE
#include <signal.h>

#include "../concurrency/together.h"

static void *function, *map;
static pthread_t target;
static volatile int handled;

static void handle(int number) {
  struct dl_find_object result;
  (void)number;
  expect(_dl_find_object(function, &result) == 0 && result.dlfo_link_map == map &&
         result.dlfo_eh_frame);
  expect(_dl_find_object(&result, &result) == -1);
  ++handled;
}

static void* send(void* unused) {
  while (!atomic_load(&stop)) {
    pthread_kill(target, SIGUSR1);
    usleep(200);
  }
  return unused;
}

int main(void) {
  map = opened("libcounter.so", RTLD_NOW);
  function = found(map, "next");
  signal(SIGUSR1, handle);
  target = pthread_self();
  pthread_t sender = in_background(send);
  for (int round = 0; round < kRounds || handled < 20; ++round)
    closed(opened("libguest1.so", RTLD_NOW));
  until_now(sender);
  say_number("wrong", wrong);
  return 0;
}
