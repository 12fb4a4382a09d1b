// dlerror is each thread's own.

#include "opens.h"

static pthread_barrier_t both;

static void* fail(void* unused) {
  (void)unused;
  claim("none from main", dlerror() == 0);
  dlopen("libof_the_thread.so", RTLD_NOW);
  pthread_barrier_wait(&both);
  pthread_barrier_wait(&both);
  const char* text = dlerror();
  claim("the thread's own", text && strstr(text, "libof_the_thread.so"));
  return 0;
}

int main(void) {
  pthread_barrier_init(&both, 0, 2);
  dlopen("libof_main.so", RTLD_NOW);
  pthread_t thread = started(fail, 0);
  pthread_barrier_wait(&both);
  const char* text = dlerror();
  claim("main's own", text && strstr(text, "libof_main.so"));
  claim("read once", dlerror() == 0);
  pthread_barrier_wait(&both);
  joined(thread);
  return 0;
}
