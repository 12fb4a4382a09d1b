// A forked child has the TLS of the thread that forked.

#define _GNU_SOURCE
#include <sys/wait.h>

#include "opens.h"

static void* work(void* handle) {
  answer(handle, "next");
  pid_t child = fork();
  if (child == 0) {
    say_number("in the child", answer(handle, "next"));
    say_number("opened in the child", answer(opened("libcounter2.so", RTLD_NOW), "next"));
    _exit(0);
  }
  waitpid(child, 0, 0);
  say_number("in the parent", answer(handle, "next"));
  return 0;
}

int main(void) {
  void* handle = opened("libcounter.so", RTLD_NOW);
  answer(handle, "next");
  answer(handle, "next");
  joined(started(work, handle));
  return 0;
}
