// As many threads as the argument says, all alive at once. The end of the process is not the
// subject.

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void* wait(void* ready) {
  pthread_barrier_wait(ready);
  pause();
  return ready;
}

int main(int argc, char** argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1;
  pthread_barrier_t ready;
  pthread_t thread;
  pthread_barrier_init(&ready, 0, count + 1);
  for (int i = 0; i < count; ++i)
    if (pthread_create(&thread, 0, wait, &ready) != 0) _exit(1);
  pthread_barrier_wait(&ready);
  _exit(0);
}
