// Memory that only the TLS of an opened object points to is kept, by main and by a thread, until
// the end.

#include "opens.h"

static pthread_barrier_t kept;

static void forget(void) {
  volatile char stack[4096];
  for (int i = 0; i < 4096; ++i) stack[i] = 0;
}

static void* work(void* handle) {
  say_number("kept by a thread", answer(handle, "keep"));
  forget();
  pthread_barrier_wait(&kept);
  for (;;) pause();
}

int main() {
  void* handle = opened("libplugin.so", RTLD_NOW);
  pthread_barrier_init(&kept, nullptr, 2);
  started(work, handle);
  pthread_barrier_wait(&kept);
  say_number("kept", answer(handle, "keep"));
  forget();
  return 0;
}
