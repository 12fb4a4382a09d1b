/* Threads with storage of their own, a lock, and a value handed back: on glibc and musl. */
#include <pthread.h>
#include <stdio.h>

enum { kThreads = 8, kRounds = 1000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long total;
static _Thread_local long mine = 100;

static void* work(void* rounds) {
  for (long n = 0; n < (long)rounds; ++n) {
    ++mine;
    pthread_mutex_lock(&lock);
    ++total;
    pthread_mutex_unlock(&lock);
  }
  return (void*)mine;
}

int main(void) {
  pthread_t threads[kThreads];
  long handed_back = 0;
  for (int n = 0; n < kThreads; ++n)
    if (pthread_create(&threads[n], NULL, work, (void*)(long)kRounds) != 0) return 1;
  for (int n = 0; n < kThreads; ++n) {
    void* value;
    if (pthread_join(threads[n], &value) != 0) return 2;
    handed_back += (long)value;
  }
  printf("total %ld, handed back %ld, mine %ld\n", total, handed_back, mine);
  return 0;
}
