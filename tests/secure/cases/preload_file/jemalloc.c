// Whether memory that the program, libc, and a thread allocate is jemalloc's: that alone has sallocx(3), which says so of
// its own memory by its size.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t sallocx(void* memory, int flags) __attribute__((weak));

static void tell(const char* whose, void* memory) {
  int is_jemallocs = sallocx != NULL && sallocx(memory, 0) >= 300;
  printf("%s: %s\n", whose, is_jemallocs ? "jemalloc's" : "another's");
  free(memory);
}

static char* copied(void) {
  char text[301];
  memset(text, 'x', sizeof text);
  text[300] = 0;
  return strdup(text);
}

static void* in_thread(void* unused) {
  tell("thread", malloc(300));
  return unused;
}

int main(void) {
  pthread_t thread;
  tell("program", malloc(300));
  tell("libc", copied());
  pthread_create(&thread, NULL, in_thread, NULL);
  pthread_join(thread, NULL);
  return 0;
}
