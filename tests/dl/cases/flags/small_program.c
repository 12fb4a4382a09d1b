// The program's handle finds the program's, its libraries' and global symbols.

#include "opens.h"

int own(void) { return 8; }

int main(void) {
  void* program = opened(0, RTLD_NOW);
  say_number("own", answer(program, "own"));
  say_number("linked", answer(program, "linked"));
  opened("libprovides.so", RTLD_NOW | RTLD_GLOBAL);
  say_number("the global one's", answer(program, "provided"));
  return 0;
}
