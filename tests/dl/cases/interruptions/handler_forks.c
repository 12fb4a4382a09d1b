// The only thread forks, opens and closes, and a signal handler forks wherever it interrupts that. Every child ends at
// once. The argument is the number of forks in handlers. The timer begins anew behind each, so that a slow machine, too,
// gets on between two of them.

#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "opens.h"

static volatile sig_atomic_t handled, failed;

static void fork_once(void) {
  int status = -1;
  pid_t child;
  while ((child = fork()) < 0) {
  }
  if (child == 0) _exit(0);
  while (waitpid(child, &status, 0) < 0) {
  }
  if (status != 0) failed = failed + 1;
}

static void signal_soon(void) {
  struct itimerval once = {{0, 0}, {0, 300}};
  setitimer(ITIMER_REAL, &once, NULL);
}

static void fork_in_handler(int signal) {
  (void)signal;
  fork_once();
  handled = handled + 1;
  signal_soon();
}

int main(int argc, char** argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 1000;
  signal(SIGALRM, fork_in_handler);
  signal_soon();
  for (int round = 0; handled < rounds; ++round) {
    if (round % 8 == 0) fork_once();
    closed(opened(round % 2 ? "libguest1.so" : "libguest2.so", RTLD_NOW));
  }
  signal(SIGALRM, SIG_IGN);
  say_number("failed", failed);
  return 0;
}
