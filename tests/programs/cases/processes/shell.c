// system and popen run a shell.

#include <stdio.h>
#include <stdlib.h>

int main(void) {
  char line[80];
  FILE* pipe = popen("echo from the shell", "r");
  printf("%s", fgets(line, sizeof line, pipe));
  printf("closed %d\n", pclose(pipe));
  fflush(stdout);
  printf("status %d\n", system("exit 3") >> 8);
  return 0;
}
