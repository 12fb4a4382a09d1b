// A failed assertion ends the program by SIGABRT.

#include <assert.h>
#include <stdio.h>

int main(int argc, char** argv) {
  (void)argv;
  puts("before");
  fflush(stdout);
  assert(argc == 99);
  return 0;
}
