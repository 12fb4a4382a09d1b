// A module number that is used again shows nobody the values of the object before.

#include "opens.h"

static pthread_barrier_t both;
static void* handle;

static size_t module_of(void* of) {
  size_t module = 0;
  dlinfo(of, RTLD_DI_TLS_MODID, &module);
  return module;
}

static void* other(void* unused) {
  (void)unused;
  pthread_barrier_wait(&both);
  say_number("the thread, first object", answer(handle, "touch"));
  pthread_barrier_wait(&both);
  pthread_barrier_wait(&both);
  say_number("the thread, second object", answer(handle, "touch"));
  return 0;
}

int main(void) {
  pthread_barrier_init(&both, 0, 2);
  pthread_t thread = started(other, 0);
  handle = opened("libone.so", RTLD_NOW);
  size_t module = module_of(handle);
  say_number("main, first object", answer(handle, "touch"));
  pthread_barrier_wait(&both);
  pthread_barrier_wait(&both);
  closed(handle);
  handle = opened("libtwo.so", RTLD_NOW);
  claim("one module number", module_of(handle) == module);
  say_number("main, second object", answer(handle, "touch"));
  pthread_barrier_wait(&both);
  joined(thread);
  return 0;
}
