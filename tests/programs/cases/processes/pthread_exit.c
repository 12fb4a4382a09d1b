// pthread_exit runs cleanup handlers and ends only its thread.

#include <pthread.h>
#include <stdio.h>

static void cleanup(void* text) { printf("cleanup %s\n", (char*)text); }

static void* work(void* unused) {
  pthread_cleanup_push(cleanup, "of the thread");
  pthread_exit((void*)7);
  pthread_cleanup_pop(0);
  return unused;
}

int main(void) {
  pthread_t thread;
  void* result;
  pthread_create(&thread, 0, work, 0);
  pthread_join(thread, &result);
  printf("result %ld\n", (long)result);
  return 0;
}
