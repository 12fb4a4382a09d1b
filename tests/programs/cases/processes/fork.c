// A forked child runs its handlers and its own exit.

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void before(void) {
  puts("before");
  fflush(stdout);
}

static void in_parent(void) {
  puts("in the parent");
  fflush(stdout);
}

static void in_child(void) { printf("in the child, "); }

int main(void) {
  int status;
  pthread_atfork(before, 0, in_child);
  pid_t child = fork();
  if (child == 0) {
    printf("exit flushes\n");
    exit(9);
  }
  waitpid(child, &status, 0);
  in_parent();
  printf("status %d\n", WEXITSTATUS(status));
  return 0;
}
