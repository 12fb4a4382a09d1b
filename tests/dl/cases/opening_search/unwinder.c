// Which libgcc_s serves the program, an exception that ends a thread, a cancellation, and a backtrace.
#define _GNU_SOURCE
#include <execinfo.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int show(struct dl_phdr_info* information, size_t size, void* unused) {
  (void)size, (void)unused;
  const char* name = strstr(information->dlpi_name, "/libgcc_s");
  if (!name) return 0;
  printf("%s: %s\n", name + 1,
         strstr(information->dlpi_name, "/here/") ? "the program's" : "the system's");
  return 0;
}

static void* leave(void* value) { pthread_exit(value); }

static void* wait(void* unused) {
  for (;;) pause();
  return unused;
}

int main(void) {
  pthread_t thread;
  void* result = 0;
  void* frames[8];
  printf("frames: %d\n", backtrace(frames, 8) > 0);
  pthread_create(&thread, 0, leave, &thread);
  pthread_join(thread, &result);
  printf("left: %d\n", result == &thread);
  pthread_create(&thread, 0, wait, 0);
  pthread_cancel(thread);
  pthread_join(thread, &result);
  printf("cancelled: %d\n", result == PTHREAD_CANCELED);
  dl_iterate_phdr(show, 0);
  return 0;
}
