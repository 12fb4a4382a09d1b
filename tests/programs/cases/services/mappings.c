// Memory can be mapped, protected, grown and given back.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int main(void) {
  char* memory = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memory[65536] = 1;
  printf("protect %d\n", mprotect(memory, 65536, PROT_READ));
  printf("unmap %d\n", munmap(memory, 1 << 20));
  char* block = malloc(100);
  strcpy(block, "kept");
  for (int size = 1000; size < 10000000; size *= 3) block = realloc(block, size);
  puts(block);
  void* blocks[1000];
  for (int n = 0; n < 1000; ++n) memset(blocks[n] = malloc(n * 7 + 1), n, n * 7 + 1);
  int wrong = 0;
  for (int n = 0; n < 1000; ++n) {
    wrong += *(unsigned char*)blocks[n] != (n & 255);
    free(blocks[n]);
  }
  printf("wrong %d\n", wrong);
  return 0;
}
