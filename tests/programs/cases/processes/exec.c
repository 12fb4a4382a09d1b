// A program can start itself again by execve.

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char** argv, char** environment) {
  printf("with %d arguments\n", argc);
  fflush(stdout);
  if (argc > 2) return 5;
  char* words[] = {argv[0], argv[1], "again", 0};
  execve(argv[1], words, environment);
  return 1;
}
