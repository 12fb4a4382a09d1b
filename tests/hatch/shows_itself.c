/* Says with what privilege it runs, and shows its own mappings: lines "name: value", then "mappings:" and smaps.
       shows_itself [FILE]    also says whether FILE can be read
   Compiled with -DPOLICY="words" it has that policy. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifdef POLICY
#include <ldseal/policy.h>
LDSEAL_POLICY(POLICY);
#endif

static int copy_to_output(const char *path) {
  char buffer[1 << 16];
  ssize_t count;
  int file = open(path, O_RDONLY);
  if (file < 0) return -1;
  while ((count = read(file, buffer, sizeof buffer)) > 0)
    if (write(STDOUT_FILENO, buffer, (size_t)count) != count) return -1;
  close(file);
  return (int)count;
}

static const char *reading(const char *path) {
  int file = open(path, O_RDONLY);
  if (file < 0) return errno == EACCES ? "refused" : "failed";
  close(file);
  return "allowed";
}

int main(int argc, char **argv) {
  printf("user: %d\n", (int)geteuid());
  printf("group: %d\n", (int)getegid());
  printf("secure: %lu\n", getauxval(AT_SECURE));
  printf("no_new_privs: %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  if (argc > 1) printf("secret: %s\n", reading(argv[1]));
  printf("mappings:\n");
  fflush(stdout);
  return copy_to_output("/proc/self/smaps") == 0 ? 0 : 1;
}
