// A thread that libc calls with the lock of its list of streams held opens an object, while another one forks: fork
// takes that lock, too. Neither may wait for the other for ever.
#define _GNU_SOURCE
#include <sys/wait.h>

#include "opens.h"

static int is_inside, has_opened;

// It closes nothing: glibc's dlclose waits for the lock of fork's handlers, which fork holds.
static ssize_t open_one(void* unused, const char* text, size_t size) {
  (void)unused, (void)text;
  __atomic_store_n(&is_inside, 1, __ATOMIC_SEQ_CST);
  usleep(300000);  // the other one is in fork by now
  has_opened = answer(opened("libguest1.so", RTLD_NOW), "guest") == 101;
  return (ssize_t)size;
}

static void* flush_all(void* unused) {
  fflush(NULL);
  return unused;
}

static int child(void) { return answer(opened("libguest2.so", RTLD_NOW), "guest") != 201; }

int main(void) {
  cookie_io_functions_t functions = {.write = open_one};
  FILE* stream = fopencookie(NULL, "w", functions);
  int status = -1;
  alarm(20);
  fputs("text", stream);
  pthread_t thread = started(flush_all, NULL);
  while (!__atomic_load_n(&is_inside, __ATOMIC_SEQ_CST)) usleep(1000);
  pid_t process = fork();
  if (process == 0) {
    alarm(20);
    _exit(child());
  }
  waitpid(process, &status, 0);
  joined(thread);
  say_number("child's status", status);
  claim("opened", has_opened);
  return 0;
}
