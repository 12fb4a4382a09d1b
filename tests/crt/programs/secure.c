/* Tells what a program with more privilege than its caller has of its environment, and what of it is sealed. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

extern char **environ;

int main(void) {
  printf("secure: %lu\n", getauxval(AT_SECURE));
  printf("page: %lu\n", getauxval(AT_PAGESZ));
  for (char **variable = environ; *variable != NULL; ++variable) printf("variable: %s\n", *variable);
  printf("mappings:\n");
  fflush(stdout);
  char text[4096];
  int file = open("/proc/self/smaps", O_RDONLY);
  for (ssize_t got; (got = read(file, text, sizeof text)) > 0;)
    if (write(1, text, (size_t)got) != got) return 1;
  return 0;
}
