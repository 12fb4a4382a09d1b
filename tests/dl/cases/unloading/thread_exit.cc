// An object with thread-exit destructors pending stays until the thread ends.

#include "opens.h"

static pthread_barrier_t both;

static void* work(void* handle) {
  say_number("in the thread", answer(handle, "touch"));
  pthread_barrier_wait(&both);
  pthread_barrier_wait(&both);
  return nullptr;
}

int main() {
  pthread_barrier_init(&both, nullptr, 2);
  void* handle = opened("libpending.so", RTLD_NOW);
  pthread_t thread = started(work, handle);
  pthread_barrier_wait(&both);
  closed(handle);
  claim("mapped while the destructor is pending", is_mapped("libpending.so"));
  pthread_barrier_wait(&both);
  joined(thread);
  closed(opened("libother.so", RTLD_NOW));
  claim("nothing is pending any more", !is_mapped("libpending.so"));
  return 0;
}
