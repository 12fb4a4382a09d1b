// limited LIMIT VALUE COMMAND…: runs a command with so much of a resource (getrlimit(2)) and
// with no other file open than the standard descriptors.
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc < 4) return 99;
  int resource = strcmp(argv[1], "NOFILE") == 0 ? RLIMIT_NOFILE
                 : strcmp(argv[1], "AS") == 0   ? RLIMIT_AS
                                                : RLIMIT_DATA;
  struct rlimit limit = {strtoul(argv[2], NULL, 10), strtoul(argv[2], NULL, 10)};
  if (close_range(3, ~0u, 0) != 0 || setrlimit(resource, &limit) != 0) return 98;
  execv(argv[3], argv + 3);
  return 97;
}
