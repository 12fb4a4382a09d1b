// Eight threads use the TLS of an opened object, each its own.

#include "opens.h"

static void* work(void* handle) { return (void*)(long)answer(handle, "next"); }

int main() {
  void* handle = opened("libplugin.so", RTLD_NOW);
  pthread_t threads[8];
  for (pthread_t& each : threads) {
    each = started(work, handle);
    usleep(1000);
  }
  for (pthread_t each : threads) joined(each);
  say_number("TLS of the object", answer(handle, "next"));
  return 0;
}
