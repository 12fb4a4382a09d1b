/* Threads that end in every way, many times over: their stacks go back to libc, which uses them again. */
#include <semaphore.h>
#include <time.h>

enum { kTimes = 15 };

static sem_t done;
static int destroyed, unguarded;
static pthread_key_t key;

/* Deep enough to need stack that no destructor of ours may have taken. */
__attribute__((noinline)) static void destroy(void *value) {
  volatile char frame[60000];
  frame[0] = frame[sizeof frame - 1] = 1;
  destroyed += value == (void *)&key && frame[0];
}

static void *use(void *argument) {
  struct Stack stack = stack_of(pthread_self());
  if (!is_guarded(&stack)) count_one(&unguarded);
  use_all(&stack);
  return argument;
}

static void *detached(void *argument) {
  use(argument);
  sem_post(&done);
  return 0;
}

static void *leaves(void *argument) {
  use(argument);
  pthread_setspecific(key, &key);
  pthread_exit(argument);
}

static void *waits_for_cancellation(void *argument) {
  int old;
  use(argument);
  if (argument) pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
  sem_post(&done);
  for (;;)
    if (!argument) pause();
}

static void *starts_another(void *argument) {
  long depth = (long)argument;
  use(argument);
  return depth == 0 ? 0 : (char *)joined(started(0, starts_another, (void *)(depth - 1))) + 1;
}

static int cancelled(void *argument) {
  pthread_t thread = started(0, waits_for_cancellation, argument);
  sem_wait(&done);
  pthread_cancel(thread);
  return joined(thread) == PTHREAD_CANCELED;
}

static int times(int (*once)(void *), void *argument) {
  int count = 0;
  for (int time = 0; time < kTimes; ++time) count += once(argument);
  return count;
}

static int returns(void *argument) { return joined(started(0, use, argument)) == argument; }
static int exits(void *argument) { return joined(started(0, leaves, argument)) == argument; }

static int is_detached(void *argument) {
  pthread_attr_t attributes;
  make_attributes(&attributes, UNSET, UNSET);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  started(&attributes, detached, argument);
  pthread_attr_destroy(&attributes);
  return sem_wait(&done) == 0;
}

static int is_detached_later(void *argument) {
  return pthread_detach(started(0, detached, argument)) == 0 && sem_wait(&done) == 0;
}

static void *sleeps(void *argument) {
  use(argument);
  for (;;) pause();
}

int main(void) {
  sem_init(&done, 0, 0);
  pthread_key_create(&key, destroy);
  say_number("returned", times(returns, &done));
  say_number("exited", times(exits, &done));
  say_number("destroyed", destroyed);
  say_number("cancelled", times(cancelled, 0));
  say_number("cancelled at any time", times(cancelled, &done));
  say_number("detached", times(is_detached, 0));
  say_number("detached later", times(is_detached_later, 0));
  say_number("started one another", (long)joined(started(0, starts_another, (void *)50)));
  for (int thread = 0; thread < 20; ++thread) started(0, sleeps, 0);
  say_number("without a guard", unguarded);
  say("exits with others alive");
  return 5;
}
