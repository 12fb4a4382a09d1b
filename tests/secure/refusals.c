/* Ends with 0 if memory here is never both written and executed, and none becomes executable. */
#include <stdio.h>
#include <sys/mman.h>

int main(void) {
  void *both = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  void *data = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return both != MAP_FAILED || mprotect(data, 4096, PROT_READ | PROT_EXEC) == 0;
}
