// Each thread has its own errno.

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "observe.h"

static volatile int may_fail, has_failed;

static void* fail(void* unused) {
  (void)unused;
  while (!may_fail) sched_yield();
  say_number("fresh", errno);
  close(-1);
  claim("bad descriptor in the thread", errno == EBADF);
  has_failed = 1;
  return 0;
}

int main(void) {
  pthread_t thread;
  pthread_create(&thread, 0, fail, 0);
  errno = ENOENT;
  may_fail = 1;
  while (!has_failed) sched_yield();
  claim("main's is unchanged", errno == ENOENT);
  pthread_join(thread, 0);
  return 0;
}
