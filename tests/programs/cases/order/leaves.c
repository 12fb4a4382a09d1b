// A program says when it begins and when it ends, and leaves by the statement LEAVE.

#include <stdlib.h>
#include <unistd.h>

#include "observe.h"

__attribute__((constructor)) static void begin(void) { say("begin program"); }

__attribute__((destructor)) static void end(void) { say("end program"); }

static void at_exit(void) { say("atexit"); }

int main(void) {
  say("main");
  atexit(at_exit);
  LEAVE;
}
