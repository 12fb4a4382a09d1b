// twice NAME FIRST LAST COMMAND…: runs the command with the variable twice in its environment.

#include <stdio.h>
#include <unistd.h>

int main(int argc, char** argv) {
  char first[4096], last[4096];
  if (argc < 5) return 99;
  snprintf(first, sizeof first, "%s=%s", argv[1], argv[2]);
  snprintf(last, sizeof last, "%s=%s", argv[1], argv[3]);
  execve(argv[4], argv + 4, (char*[]){first, last, NULL});
  return 98;
}
