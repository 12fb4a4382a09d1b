// Threads that are older and younger than a namespace call into it.

#include "spaces.h"

static void* handle;
static pthread_barrier_t is_open;

static void call(const char* who) {
  say(who);
  for (int n = 0; n < 2; ++n) say_number("dynamic", answer(handle, "step_dynamic"));
  for (int n = 0; n < 2; ++n) say_number("initial", answer(handle, "step_initial"));
  say_number("thread of its own", answer(handle, "in_own_thread"));
}

static void* older(void* unused) {
  pthread_barrier_wait(&is_open);
  call("older");
  return 0;
}

static void* younger(void* unused) {
  call("younger");
  return 0;
}

int main(void) {
  pthread_barrier_init(&is_open, 0, 2);
  pthread_t thread = started(older, 0);
  handle = opened_apart("libstorage.so");
  call("main");
  pthread_barrier_wait(&is_open);
  joined(thread);
  joined(started(younger, 0));
  call("main");
  closed(handle);
  return 0;
}
