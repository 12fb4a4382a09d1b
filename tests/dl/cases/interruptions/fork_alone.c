// A child forked from the only thread opens and closes as its parent did.

#define _GNU_SOURCE
#include <sys/wait.h>

#include "../concurrency/together.h"

int main(void) {
  int status = -1;
  void* handle = opened("libguest1.so", RTLD_NOW);
  pid_t process = fork();
  if (process == 0) {
    closed(handle);
    say_number("in the child", answer(opened("libguest2.so", RTLD_NOW), "guest"));
    _exit(is_mapped("libguest1.so"));
  }
  waitpid(process, &status, 0);
  say_number("child's status", status);
  say_number("in the parent", answer(handle, "guest"));
  say_number("wrong", wrong);
  return 0;
}
