// All at once: threads that open, look up and close; threads that throw and take backtraces; signals in all of them,
// whose handler walks over the objects; and forks, whose children open, throw and end. The argument is the number of
// forks. A child that hangs is ended. In C nothing is thrown.

#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "../concurrency/together.h"
#ifndef LIBC_MUSL
#include <execinfo.h>
#endif

enum { kOpeners = 3, kThrowers = 2, kThreads = kOpeners + kThrowers };

static pthread_t workers[kThreads];
static atomic_int handled;

static int count(struct dl_phdr_info* info, size_t size, void* number) {
  (void)size;
  *(int*)number += info->dlpi_phnum != 0;
  return 0;
}

static int walked(void) {
  int number = 0;
  dl_iterate_phdr(count, &number);
  return number;
}

static void walk_in_handler(int signal) {
  int before = errno;
  (void)signal;
  expect(walked() >= 3);
  atomic_fetch_add(&handled, 1);
  errno = before;
}

static void open_one(int number) {
  char name[40];
  snprintf(name, sizeof name, "libguest%d.so", number % 4);
  void* handle = opened(name, number % 3 ? RTLD_NOW : RTLD_LAZY);
  expect(answer(handle, "guest") == number % 4 * 100 + 1);
  closed(handle);
}

static int thrown_and_caught(int number) {
#ifdef __cplusplus
  try {
    throw number;
  } catch (int caught) {
    return caught == number;
  }
#else
  return number == number;
#endif
}

static int traced(void) {
#ifdef LIBC_MUSL
  return 1;
#else
  void* places[16];
  return backtrace(places, 16) >= 2;
#endif
}

static void* open_often(void* self) {
  for (int n = (int)(intptr_t)self; !atomic_load(&stop); ++n) open_one(n);
  return NULL;
}

static void* throw_often(void* self) {
  for (int n = (int)(intptr_t)self; !atomic_load(&stop); ++n) {
    expect(thrown_and_caught(n));
    expect(traced());
  }
  return NULL;
}

// A signal to the process finds one thread; this finds each.
static void* disturb(void* unused) {
  for (int n = 0; !atomic_load(&stop); ++n) {
    usleep(200);
    pthread_kill(workers[n % kThreads], SIGUSR1);
  }
  return unused;
}

// It closes nothing: glibc leaves the lock of __cxa_finalize, which destructors take, as another thread held it.
static int child(int number) {
  signal(SIGALRM, SIG_DFL);
  alarm(30);
  char name[40];
  snprintf(name, sizeof name, "libguest%d.so", number % 4);
  void* handle = dlopen(name, RTLD_NOW);
  if (!handle) return 2;
  int (*guest)(void) = (int (*)(void))dlsym(handle, "guest");
  if (!guest || guest() != number % 4 * 100 + 1) return 3;
  if (!thrown_and_caught(number)) return 4;
  if (!traced()) return 5;
  if (walked() < 4) return 6;
  return 0;
}

static void fork_once(int number) {
  int status = -1;
  pid_t process = fork();
  if (process == 0) _exit(child(number));
  while (process > 0 && waitpid(process, &status, 0) < 0) {
  }
  if (process > 0 && status != 0) {
    fprintf(stderr, "round %d: a child's status is %#x\n", number, (unsigned)status);
    expect(0);
  }
}

static void handle(int signal) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = walk_in_handler;
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, NULL);
}

int main(int argc, char** argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : kRounds * 3;
  struct itimerval often = {{0, 500}, {0, 500}};
  handle(SIGALRM);
  handle(SIGUSR1);
  expect(traced());
  for (long n = 0; n < kThreads; ++n)
    workers[n] = started(n < kOpeners ? open_often : throw_often, (void*)n);
  pthread_t disturber = started(disturb, NULL);
  setitimer(ITIMER_REAL, &often, NULL);
  for (int round = 0; round < rounds; ++round) fork_once(round);
  atomic_store(&stop, 1);
  joined(disturber);
  for (int n = 0; n < kThreads; ++n) joined(workers[n]);
  signal(SIGALRM, SIG_IGN);
  claim("handled", atomic_load(&handled) != 0);
  say_number("wrong", atomic_load(&wrong));
  return 0;
}
