// A second thread calls exit while the destructors run that main has left behind.
#include <pthread.h>
#include <stdlib.h>

#include "observe.h"
int has_begun(void);
static void* leave(void* unused) {
  while (!has_begun()) continue;
  exit(9);
}
int main(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, leave, NULL) != 0) return 2;
  say("main");
  return 0;
}
