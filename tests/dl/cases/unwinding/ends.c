// pthread_exit and cancellation unwind through an opened object.

#include "opens.h"

static void* run(void* function) {
  ((void (*)(void))function)();
  return 0;
}

int main(void) {
  void* handle = opened("libcleans.so", RTLD_NOW);
  say_number("left with", (long)joined(started(run, found(handle, "leaves"))));
  pthread_t thread = started(run, found(handle, "waits"));
  pthread_cancel(thread);
  claim("cancelled", joined(thread) == PTHREAD_CANCELED);
  return 0;
}
