// A signal is handled on another stack and its mask is kept.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static volatile int handled;
static char* stack;

static void handle(int number, siginfo_t* information, void* context) {
  char here;
  (void)context;
  handled = number == SIGUSR1 && information->si_signo == number && &here > stack &&
            &here < stack + 65536;
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigset_t mask;
  stack_t other = {.ss_sp = stack = malloc(65536), .ss_size = 65536};
  sigaltstack(&other, 0);
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, 0);
  raise(SIGUSR1);
  sigprocmask(SIG_SETMASK, 0, &mask);
  printf("handled: %s\n", handled ? "yes" : "NO");
  printf("blocked at the start: %d\n", sigismember(&mask, SIGUSR1) + sigismember(&mask, SIGALRM));
  return 0;
}
