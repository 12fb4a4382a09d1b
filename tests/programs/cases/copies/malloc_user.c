// Memory that libc, a library and the program take is all of one malloc, which is not libc's:
// another library's, or with OWN_ALLOCATOR the program's.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "observe.h"

#ifdef OWN_ALLOCATOR
#include "liballocator.c"
#else
int is_ours(const void* memory) __attribute__((weak));
#endif
char* copied_in_library(void);

int main(void) {
  char* text = strdup("duplicated by libc");
  say(text);
  claim("libc's strdup took our malloc", is_ours(text));
  claim("and the library's", is_ours(copied_in_library()));
  claim("the program's malloc is ours", is_ours(malloc(8)));
  char* line = 0;
  size_t size = 0;
  FILE* stream = open_memstream(&line, &size);
  fputs("into memory", stream);
  fclose(stream);
  claim("open_memstream took our malloc", is_ours(line));
  free(text);
  return 0;
}
