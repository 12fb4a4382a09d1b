/* A privileged program of the usual careless kind: it becomes root for good and starts another program, by the
   system's loader, with the environment that it has. */
#include <sys/syscall.h>

#include "observe.h"

int main(int argc, char **argv, char **environment) {
  static const char *words[] = {"/usr/bin/env", "-0", 0};
  (void)argc, (void)argv;
  kernel_call(SYS_setgid, 0, 0, 0);
  kernel_call(SYS_setuid, 0, 0, 0);
  kernel_call(SYS_execve, (long)words[0], (long)words, (long)environment);
  return 126;
}
