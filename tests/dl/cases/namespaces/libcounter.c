// Counts, and knows which libc it calls.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int count;

int count_on(void) { return ++count; }
void* its_puts(void) { return (void*)puts; }

int use_libc(void) {
  char* text = malloc(100);
  if (!text) return -1;
  snprintf(text, 100, "number %d\n", ++count);
  fputs(text, stdout);
  fflush(stdout);
  free(text);
  errno = 7;
  return errno;
}
