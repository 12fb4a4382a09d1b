// Two threads open and close, one forks children that open, and a signal handler in each walks over the objects.
// The argument is the number of forks.

#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "opens.h"

static int over;

static int count(struct dl_phdr_info* info, size_t size, void* number) {
  (void)info, (void)size;
  ++*(int*)number;
  return 0;
}

static void walk_in_handler(int signal) {
  int number = 0;
  (void)signal;
  dl_iterate_phdr(count, &number);
  if (number < 3) _exit(98);
}

static void* come_and_go(void* name) {
  while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) closed(opened(name, RTLD_NOW));
  return NULL;
}

// It closes nothing: glibc leaves the lock of __cxa_finalize, which destructors take, as another thread held it.
static int child(void) {
  alarm(20);
  int three = answer(opened("libguest3.so", RTLD_NOW), "guest");
  int one = answer(opened("libguest1.so", RTLD_NOW), "guest");
  return three != 301 || one != 101;
}

int main(int argc, char** argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 300, wrong = 0;
  struct sigaction action = {.sa_handler = walk_in_handler, .sa_flags = SA_RESTART};
  struct itimerval often = {{0, 500}, {0, 500}};
  pthread_t guests[2];
  sigaction(SIGALRM, &action, NULL);
  pthread_create(&guests[0], NULL, come_and_go, "libguest1.so");
  pthread_create(&guests[1], NULL, come_and_go, "libguest2.so");
  setitimer(ITIMER_REAL, &often, NULL);
  for (int round = 0; round < rounds; ++round) {
    int status = -1;
    pid_t process = fork();
    if (process == 0) {
      signal(SIGALRM, SIG_DFL);
      _exit(child());
    }
    while (waitpid(process, &status, 0) < 0) {
    }
    if (status != 0) ++wrong;
  }
  __atomic_store_n(&over, 1, __ATOMIC_RELAXED);
  for (int n = 0; n < 2; ++n) pthread_join(guests[n], NULL);
  say_number("wrong", wrong);
  return 0;
}
