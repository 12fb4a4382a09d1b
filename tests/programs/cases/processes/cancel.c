// A thread that waits can be cancelled.

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void cleanup(void* unused) {
  (void)unused;
  puts("cancelled");
}

static void* work(void* unused) {
  pthread_cleanup_push(cleanup, 0);
  for (;;) pause();
  pthread_cleanup_pop(0);
  return unused;
}

int main(void) {
  pthread_t thread;
  void* result;
  pthread_create(&thread, 0, work, 0);
  pthread_cancel(thread);
  pthread_join(thread, &result);
  printf("result: %s\n", result == PTHREAD_CANCELED ? "cancelled" : "NO");
  return 0;
}
