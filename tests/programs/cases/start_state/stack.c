// The stack at the entry point is aligned and begins with argc.

#include "observe.h"

int main(int argc, char** argv, char** environment) {
  claim("aligned to 16", (unsigned long)initial_stack % 16 == 0);
  claim("argc", initial_stack[0] == argc);
  claim("argv", (char**)(initial_stack + 1) == argv);
  claim("argv ends", argv[argc] == 0);
  claim("the environment follows", environment == argv + argc + 1);
  return 0;
}
