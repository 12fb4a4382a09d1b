// Destructors of thread-specific data run when the thread ends.

#include <pthread.h>

#include "observe.h"

static pthread_key_t key;

static void gone(void* value) { say_number("gone", (long)value); }

static void* set(void* value) {
  pthread_setspecific(key, value);
  say("set");
  return 0;
}

int main(void) {
  pthread_t thread;
  pthread_key_create(&key, gone);
  pthread_create(&thread, 0, set, (void*)5);
  pthread_join(thread, 0);
  say("joined");
  return 0;
}
