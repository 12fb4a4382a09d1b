// Gives back memory that libc has allocated, and libc what it has allocated itself.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  char *text = strdup("text"), *line = malloc(1), *printed = 0;
  size_t size = 1;
  FILE* file = fopen("/proc/self/cmdline", "r");
  if (getline(&line, &size, file) <= 0 || asprintf(&printed, "%s", text) != 4) return 1;
  fclose(file);
  free(text);
  free(line);
  free(printed);
  printf("allocator: %s\n", dlsym(RTLD_DEFAULT, "allocations") != 0 ? "preloaded" : "libc's");
  return 0;
}
