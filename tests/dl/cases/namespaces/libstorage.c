// Thread-local storage in two models.

#include <pthread.h>

static __thread int dynamic = 5;
static __thread int initial __attribute__((tls_model("initial-exec"))) = 6;

int step_dynamic(void) { return dynamic++; }
int step_initial(void) { return initial++; }

static void* in_its_thread(void* unused) {
  return (void*)(long)(step_dynamic() * 100 + step_initial());
}

int in_own_thread(void) {
  pthread_t thread;
  void* result = 0;
  if (pthread_create(&thread, 0, in_its_thread, 0) != 0) return -1;
  pthread_join(thread, &result);
  return (int)(long)result;
}
