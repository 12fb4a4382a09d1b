// As many threads as the argument says, each on the stack of the one before it.

#include <pthread.h>
#include <stdlib.h>

static void* nothing(void* argument) { return argument; }

int main(int argc, char** argv) {
  pthread_t thread;
  for (int left = argc > 1 ? atoi(argv[1]) : 1; left > 0; --left)
    if (pthread_create(&thread, 0, nothing, 0) != 0 || pthread_join(thread, 0) != 0) return 1;
}
