// Fork handlers that were registered first make threads and open objects.

#define _GNU_SOURCE
#include <sys/wait.h>

#include "../concurrency/together.h"

static void* answer_of_guest(void* unused) {
  void* handle = opened("libguest1.so", RTLD_NOW);
  expect(answer(handle, "guest") == 101);
  closed(handle);
  return unused;
}

static void begin_again(void) { joined(started(answer_of_guest, 0)); }

static void prepare(void) {
  say_text("handler", "before");
  begin_again();
}

static void parent(void) {
  say_text("handler", "parent");
  begin_again();
}

static void child(void) {
  alarm(10);
  begin_again();
}

__attribute__((constructor)) static void first(void) { pthread_atfork(prepare, parent, child); }

int main(void) {
  int status = -1;
  alarm(10);
  begin_again();
  pid_t process = fork();
  if (process == 0) _exit(wrong);
  waitpid(process, &status, 0);
  say_number("child's status", status);
  say_number("wrong", wrong);
  return 0;
}
