// The program of the debugger tests; what it does is chosen by its first argument.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "work.h"

static void *thread_body(void *argument) {
  return (void *)(long)library_outer((int)(long)argument);
}

static int run_thread(void) {
  pthread_t thread;
  void *result;
  if (pthread_create(&thread, NULL, thread_body, (void *)20L) != 0) return 1;
  pthread_join(thread, &result);
  printf("thread returned %ld\n", (long)result);
  return 0;
}

int main(int count, char **words) {
  const char *what = count > 1 ? words[1] : "call";
  if (strcmp(what, "crash") == 0) return library_crash(NULL);
  if (strcmp(what, "spin") == 0) {
    puts("spinning");
    fflush(stdout);
    return library_spin(800u * 1000 * 1000) == 1;
  }
  if (strcmp(what, "spin on") == 0) {  // until it is killed
    puts("spinning");
    fflush(stdout);
    for (;;) library_spin(800u * 1000 * 1000);
  }
  if (strcmp(what, "thread") == 0) return run_thread();
  char *memory = malloc(100);
  snprintf(memory, 100, "call returned %d", library_outer(20));
  puts(memory);
  free(memory);
  return 0;
}
