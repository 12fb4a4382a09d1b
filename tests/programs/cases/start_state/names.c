// libc knows the program by its name.

#define _GNU_SOURCE
#include <errno.h>

#include "observe.h"

int main(int argc, char** argv) {
  (void)argc;
  claim("as argv has it", program_invocation_name == argv[0]);
  say_text("short name", program_invocation_short_name);
  return 0;
}
