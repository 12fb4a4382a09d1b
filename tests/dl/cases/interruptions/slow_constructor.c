// While another thread is in a slow constructor, a fork does not wait for it and the child opens what it wants.

#define _GNU_SOURCE
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "opens.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void* open_slow(void* unused) {
  opened("libslow.so", RTLD_NOW);
  return unused;
}

int main(void) {
  pthread_t thread;
  int status = -1;
  pthread_create(&thread, NULL, open_slow, NULL);
  usleep(300 * 1000);
  double before = now();
  pid_t process = fork();
  if (process == 0) {
    alarm(10);
    _exit(answer(opened("libguest1.so", RTLD_NOW), "guest") != 101);
  }
  claim("fork does not wait for the constructor", now() - before < 1);
  waitpid(process, &status, 0);
  say_number("child's status", status);
  pthread_join(thread, NULL);
  return 0;
}
