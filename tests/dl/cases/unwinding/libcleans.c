// Functions that end their thread, by pthread_exit and by cancellation, with a cleanup handler
// pushed.

#include <pthread.h>
#include <unistd.h>

#include "observe.h"

static void cleanup(void* text) { say_text("cleanup", (const char*)text); }

void leaves(void) {
  pthread_cleanup_push(cleanup, "of pthread_exit");
  pthread_exit((void*)7);
  pthread_cleanup_pop(0);
}

void waits(void) {
  pthread_cleanup_push(cleanup, "of cancellation");
  for (;;) pause();
  pthread_cleanup_pop(0);
}
