// Its constructor waits for a thread, which forks and waits for the child.
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void* fork_and_wait(void* unused) {
  int status = -1;
  pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, &status, 0);
  if (status == 0) puts("forked");
  fflush(stdout);
  return unused;
}

__attribute__((constructor)) static void begin(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, fork_and_wait, NULL);
  pthread_join(thread, NULL);
}
