// TLS of an opened object is fresh in threads that ran before the open and in new ones.

#include "opens.h"

static pthread_barrier_t both;
static void* handle;

static void use(const char* who, int by) {
  say_text("who", who);
  say_number("not fresh", answer(handle, "fresh"));
  ((void (*)(int))found(handle, "change"))(by);
  say_number("total", answer(handle, "total"));
}

static void* old_thread(void* unused) {
  (void)unused;
  pthread_barrier_wait(&both);
  pthread_barrier_wait(&both);
  use("a thread that ran before", 2);
  return 0;
}

static void* new_thread(void* unused) {
  (void)unused;
  use("a new thread", 3);
  return 0;
}

int main(void) {
  pthread_barrier_init(&both, 0, 2);
  pthread_t thread = started(old_thread, 0);
  pthread_barrier_wait(&both);
  handle = opened("libeverything.so", RTLD_NOW);
  use("main", 1);
  pthread_barrier_wait(&both);
  joined(thread);
  joined(started(new_thread, 0));
  joined(started(new_thread, 0));
  say_number("main's total", answer(handle, "total"));
  return 0;
}
