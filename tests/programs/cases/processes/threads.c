// Threads take turns with a mutex and a condition.

#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn, total;

static void* work(void* which) {
  for (int n = 0; n < 50; ++n) {
    pthread_mutex_lock(&lock);
    while (turn != (int)(long)which) pthread_cond_wait(&changed, &lock);
    total = total * 3 % 10007 + (int)(long)which;
    turn = (turn + 1) % 4;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
  }
  return which;
}

int main(void) {
  pthread_t threads[4];
  long sum = 0;
  for (long n = 0; n < 4; ++n) pthread_create(&threads[n], 0, work, (void*)n);
  for (int n = 0; n < 4; ++n) {
    void* result;
    pthread_join(threads[n], &result);
    sum += (long)result;
  }
  printf("total %d, sum of results %ld\n", total, sum);
  return 0;
}
