"""Threads, signals, and processes that start others."""

from workshop.recipe import Recipe

_WITH_LIBC = ("musl", "glibc")


def _process(name, program, **choices):
    """One program that uses libc; no library of its own."""
    return Recipe(name, program, **{"libcs": _WITH_LIBC, **choices})


_THREADS = _process("threads take turns with a mutex and a condition", """
#include <pthread.h>
#include <stdio.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn, total;
static void *work(void *which) {
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
  for (long n = 0; n < 4; ++n) pthread_create(&threads[n], 0, work, (void *)n);
  for (int n = 0; n < 4; ++n) {
    void *result;
    pthread_join(threads[n], &result);
    sum += (long)result;
  }
  printf("total %d, sum of results %ld\\n", total, sum);
  return 0;
}
""", link=("-pthread",))

_PTHREAD_EXIT = _process("pthread_exit runs cleanup handlers and ends only its thread", """
#include <pthread.h>
#include <stdio.h>
static void cleanup(void *text) { printf("cleanup %s\\n", (char *)text); }
static void *work(void *unused) {
  pthread_cleanup_push(cleanup, "of the thread");
  pthread_exit((void *)7);
  pthread_cleanup_pop(0);
  return unused;
}
int main(void) {
  pthread_t thread;
  void *result;
  pthread_create(&thread, 0, work, 0);
  pthread_join(thread, &result);
  printf("result %ld\\n", (long)result);
  return 0;
}
""", link=("-pthread",), shows=("cleanup of the thread", "result 7"))

_CANCEL = _process("a thread that waits can be cancelled", """
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static void cleanup(void *unused) { (void)unused; puts("cancelled"); }
static void *work(void *unused) {
  pthread_cleanup_push(cleanup, 0);
  for (;;) pause();
  pthread_cleanup_pop(0);
  return unused;
}
int main(void) {
  pthread_t thread;
  void *result;
  pthread_create(&thread, 0, work, 0);
  pthread_cancel(thread);
  pthread_join(thread, &result);
  printf("result: %s\\n", result == PTHREAD_CANCELED ? "cancelled" : "NO");
  return 0;
}
""", link=("-pthread",), shows=("result: cancelled",))

_THREAD_ATTRIBUTES = _process("a thread's stack has the size that was asked for", """
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>
static void *work(void *unused) {
  char much[200000];
  pthread_attr_t attributes;
  size_t size, guard;
  void *low;
  memset(much, 1, sizeof much);
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_getguardsize(&attributes, &guard);
  printf("inside: %s\\n", much > (char *)low && much < (char *)low + size ? "yes" : "NO");
  printf("size: %s\\n", size >= 500000 && size < 700000 ? "yes" : "NO");
  printf("guard: %zu\\n", guard);
  return unused;
}
int main(void) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 524288);
  pthread_attr_setguardsize(&attributes, 65536);
  pthread_create(&thread, &attributes, work, 0);
  pthread_join(thread, 0);
  return 0;
}
""", link=("-pthread",), page_sizes=(), shows=("inside: yes", "guard: 65536"))

_SIGNALS = _process("a signal is handled on another stack and its mask is kept", """
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
static volatile int handled;
static char *stack;
static void handle(int number, siginfo_t *information, void *context) {
  char here;
  (void)context;
  handled = number == SIGUSR1 && information->si_signo == number && &here > stack && &here < stack + 65536;
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
  printf("handled: %s\\n", handled ? "yes" : "NO");
  printf("blocked at the start: %d\\n", sigismember(&mask, SIGUSR1) + sigismember(&mask, SIGALRM));
  return 0;
}
""", shows=("handled: yes", "blocked at the start: 0"))

_FORK = _process("a forked child runs its handlers and its own exit", """
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static void before(void) { puts("before"); fflush(stdout); }
static void in_parent(void) { puts("in the parent"); fflush(stdout); }
static void in_child(void) { printf("in the child, "); }
int main(void) {
  int status;
  pthread_atfork(before, 0, in_child);
  pid_t child = fork();
  if (child == 0) { printf("exit flushes\\n"); exit(9); }
  waitpid(child, &status, 0);
  in_parent();
  printf("status %d\\n", WEXITSTATUS(status));
  return 0;
}
""", link=("-pthread",), shows=("in the child, exit flushes", "status 9"))

_SHELL = _process("system and popen run a shell", """
#include <stdio.h>
#include <stdlib.h>
int main(void) {
  char line[80];
  FILE *pipe = popen("echo from the shell", "r");
  printf("%s", fgets(line, sizeof line, pipe));
  printf("closed %d\\n", pclose(pipe));
  fflush(stdout);
  printf("status %d\\n", system("exit 3") >> 8);
  return 0;
}
""", machines=("x86_64",), shows=("from the shell", "status 3"))

_EXEC = _process("a program can start itself again by execve", """
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv, char **environment) {
  printf("with %d arguments\\n", argc);
  fflush(stdout);
  if (argc > 2) return 5;
  char *words[] = {argv[0], argv[1], "again", 0};
  execve(argv[1], words, environment);
  return 1;
}
""", machines=("x86_64",), arguments=("{program}",), status=5, shows=("with 3 arguments",))

RECIPES = [
    _THREADS, _PTHREAD_EXIT, _CANCEL, _THREAD_ATTRIBUTES, _SIGNALS, _FORK, _SHELL, _EXEC,
]
