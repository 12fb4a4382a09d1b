// A smashed stack is noticed.

#include <stdio.h>
#include <string.h>

__attribute__((noinline)) static void smash(char* from, int length) {
  char small[8];
  memset(from ? small : 0, 65, length);
  __asm__ volatile("" : : "r"(small) : "memory");
}

int main(int argc, char** argv) {
  puts("before");
  fflush(stdout);
  smash(argv[0], argc + 63);
  puts("after");
  return 0;
}
