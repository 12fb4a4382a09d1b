// Asks a library for a number, by a function that the library may make on the stack.
#include "shows.h"

int number(int base);

int main(int argc, char** argv) {
  show_start(argc, argv);
  printf("number: %d\n", number(argc + 39));
  return 3;
}
