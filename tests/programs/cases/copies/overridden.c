// A program's own version of a libc function is used by its library and its callers.

#include <string.h>
#include <unistd.h>

#include "observe.h"

pid_t getpid(void) { return 4321; }

int pid_in_library(void);

int main(void) {
  say_number("program", getpid());
  say_number("library", pid_in_library());
  return 0;
}
