// pthread_exit and cancellation destroy the objects in the frames of an opened object.

#include "opens.h"

static void* run(void* function) {
  ((void (*)())function)();
  return nullptr;
}

int main() {
  void* handle = opened("libframes.so", RTLD_NOW);
  joined(started(run, found(handle, "leaves")));
  pthread_t thread = started(run, found(handle, "waits"));
  pthread_cancel(thread);
  claim("cancelled", joined(thread) == PTHREAD_CANCELED);
  return 0;
}
