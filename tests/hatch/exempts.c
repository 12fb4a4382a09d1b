/* A supervisor, as <ldseal/exempt.h> has it: exempts CLASSES (a number), then runs PROGRAM.
       exempts CLASSES PROGRAM ARGUMENTS... */
#include <ldseal/exempt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  if (ldseal_exempt((unsigned)strtoul(argv[1], NULL, 0)) != 0) {
    perror("ldseal_exempt");
    return 1;
  }
  execv(argv[2], argv + 2);
  perror(argv[2]);
  return 1;
}
