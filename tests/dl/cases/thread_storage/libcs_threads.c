// TLS of an opened object is fresh in the threads that libc itself starts, for timers and for
// asynchronous reads.

#define _GNU_SOURCE
#include <aio.h>
#include <signal.h>
#include <time.h>

#include "opens.h"

static pthread_barrier_t both;
static void* handle;

static void look(union sigval who) {
  if (handle)
    say_text(who.sival_ptr,
             answer(handle, "fresh") == 0 ? "all is fresh" : "something is not fresh");
  pthread_barrier_wait(&both);
}

static struct sigevent telling(const char* who) {
  struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = look};
  event.sigev_value.sival_ptr = (void*)who;
  return event;
}

static void let_fire(timer_t timer) {
  struct itimerspec soon = {.it_value.tv_nsec = 1000000};
  if (timer_settime(timer, 0, &soon, 0) != 0) give_up("cannot set", "a timer");
  pthread_barrier_wait(&both);
}

static void read_something(const char* who) {
  static char byte;
  static struct aiocb order;
  order = (struct aiocb){.aio_fildes = open("/dev/zero", O_RDONLY),
                         .aio_buf = &byte,
                         .aio_nbytes = 1,
                         .aio_sigevent = telling(who)};
  if (aio_read(&order) != 0) give_up("cannot read", who);
  pthread_barrier_wait(&both);
  close(order.aio_fildes);
}

int main(void) {
  struct sigevent event = telling("in a timer's thread");
  timer_t timer;
  pthread_barrier_init(&both, 0, 2);
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) give_up("cannot make", "a timer");
  let_fire(timer);
  read_something("");
  handle = opened("libeverything.so", RTLD_NOW);
  ((void (*)(int))found(handle, "change"))(1);
  let_fire(timer);
  read_something("in a reader's thread");
  return 0;
}
