// libc opens libgcc_s on the stack of a thread that is as small as can be.
#define _GNU_SOURCE
#include <limits.h>

#include "opens.h"

static void* leave(void* value) { pthread_exit(value); }

int main(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
  pthread_t thread;
  if (pthread_create(&thread, &attributes, leave, (void*)5) != 0) return 1;
  say_number("left with", (long)joined(thread));
  return 0;
}
