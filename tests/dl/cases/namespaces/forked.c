// A child of fork(2) uses, closes and opens namespaces.

#include <sys/wait.h>

#include "spaces.h"

static int in_child(void* handle) {
  int count = answer(handle, "count_on");
  closed(handle);
  handle = opened_apart("libcounter.so");
  count = count * 10 + answer(handle, "count_on");
  closed(handle);
  return count;
}

int main(void) {
  void* handle = opened_apart("libcounter.so");
  say_number("counts", answer(handle, "count_on"));
  pid_t child = fork();
  if (child == 0) _exit(in_child(handle));
  int status = 0;
  waitpid(child, &status, 0);
  say_number("the child", WEXITSTATUS(status));
  say_number("counts", answer(handle, "count_on"));
  return 0;
}
