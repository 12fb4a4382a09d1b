// Calls a nested function by its address: its trampoline is code on the stack.
#include <pthread.h>

#include "shows.h"

static __attribute__((noinline)) int call(int (*volatile function)(int), int value) {
  return function(value);
}

static __attribute__((noinline)) int sum_on_the_stack(int base) {
  __attribute__((noinline)) int add(int more) { return base + more; }
  return call(add, 2);
}

static void* in_thread(void* base) { return (void*)(long)sum_on_the_stack(*(int*)base); }

int main(int argc, char** argv) {
  show_start(argc, argv);
  int base = argc + 39;
  void* answer = NULL;
  pthread_t thread;
  printf("on the first stack: %d\n", sum_on_the_stack(base));
  if (pthread_create(&thread, NULL, in_thread, &base) == 0) pthread_join(thread, &answer);
  printf("on a thread's stack: %ld\n", (long)answer);
  return 3;
}
