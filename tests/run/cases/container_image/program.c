// Uses three libraries in older glibcs: prints its name, whether a thread failed, and a cosine.
#include <math.h>
#include <pthread.h>
#include <stdio.h>
static void* work(void* x) { return x; }
int main(int argc, char** argv) {
  pthread_t thread;
  int error = pthread_create(&thread, NULL, work, NULL) || pthread_join(thread, NULL);
  return printf("%s %d %.1f\n", argv[argc - 1], error, cos(argc - 1)) < 0;
}
