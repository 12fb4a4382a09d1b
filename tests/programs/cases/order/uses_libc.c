// Constructors and destructors can use stdio, malloc, the environment and atexit.

#include <stdio.h>
#include <stdlib.h>

static char* kept;

static void at_exit(void) { puts("atexit of the program's constructor"); }

__attribute__((constructor)) static void begin(void) {
  kept = malloc(100);
  snprintf(kept, 100, "kept %s", getenv("FROM_LIBRARY"));
  atexit(at_exit);
}

__attribute__((destructor)) static void end(void) {
  puts(kept);
  free(kept);
}

int main(void) {
  puts("main");
  return 0;
}
