// Standard input is read by lines.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  char* line = 0;
  size_t size = 0;
  long number;
  while (getline(&line, &size, stdin) > 0) printf("line %s", line);
  sscanf("17 rest", "%ld", &number);
  printf("number %ld\n", number);
  free(line);
  return 0;
}
