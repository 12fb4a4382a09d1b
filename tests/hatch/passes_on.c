/* A set-user-ID program of somebody else: becomes root wholly and starts ARGV[1], with the environment as it is. */
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2 || setgid(0) != 0 || setuid(0) != 0) return 3;
  execv(argv[1], argv + 1);
  perror(argv[1]);
  return 4;
}
