// A library, NAME, whose constructor says whether its own code could still be changed.

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static int one = 1;
int* const relocated = &one;

__attribute__((constructor)) static void begin(void) {
  void* page = (void*)((uintptr_t)begin & -(uintptr_t)4096);
  int result = mprotect(page, 4096, PROT_READ | PROT_EXEC);
  printf(NAME " begins: %s\n", result == 0 ? "it can be changed" : strerror(errno));
}
