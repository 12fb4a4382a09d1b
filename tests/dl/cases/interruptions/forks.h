// Two threads fork while objects come and go, and each child does what the includer's child() does.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/wait.h>

#include "../concurrency/together.h"

static int (*next)(void);

// The status with which a child exits: 0 if all is right.
static int child(void);

static void* work(void* unused) {
  for (int round = 0; round < kRounds / 10; ++round) {
    int status = -1;
    pid_t process = fork();
    if (process == 0) {
      alarm(10);
      _exit(child());
    }
    waitpid(process, &status, 0);
    if (status) say_number("child's status", status);
    expect(status == 0);
  }
  return unused;
}

int main(void) {
  next = (int (*)(void))found(opened("libcounter.so", RTLD_NOW), "next");
  pthread_t guests = in_background(come_and_go);
  together(2, work);
  until_now(guests);
  say_number("wrong", wrong);
  return 0;
}
