/* Runs a program under a kernel that refuses one system call, as old kernels, sandboxes and emulators do.
     refuse NUMBER ERROR [ARGUMENT VALUE] -- PROGRAM [ARGUMENTS...]
   NUMBER: of the system call on this machine; ERROR: the number of the error it gets; 0, with which it
   seems to succeed; or kill, kill-thread, trap, with which the filter ends the process, the thread, or
   sends SIGSYS. With ARGUMENT (0 to 5) and VALUE only those calls are refused whose argument, its low
   half, has this value. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static unsigned number(const char *text) { return (unsigned)strtoul(text, NULL, 0); }

static unsigned action(const char *text) {
  if (strcmp(text, "kill") == 0) return SECCOMP_RET_KILL_PROCESS;
  if (strcmp(text, "kill-thread") == 0) return SECCOMP_RET_KILL_THREAD;
  if (strcmp(text, "trap") == 0) return SECCOMP_RET_TRAP;
  return SECCOMP_RET_ERRNO | number(text);
}

static int install(struct sock_filter *statements, unsigned short count) {
  struct sock_fprog program = {count, statements};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* All calls of this number. */
static int refuse_call(unsigned call, unsigned refusal) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, refusal),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  return install(filter, sizeof filter / sizeof filter[0]);
}

/* Those of them with one value of one argument. */
static int refuse_argument(unsigned call, unsigned refusal, unsigned argument, unsigned value) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, args) + 8 * argument),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, refusal),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  return install(filter, sizeof filter / sizeof filter[0]);
}

int main(int count, char **words) {
  int separator = 1;
  while (separator < count && strcmp(words[separator], "--") != 0) ++separator;
  if (separator + 1 >= count || (separator != 3 && separator != 5)) return 2;
  unsigned call = number(words[1]), refusal = action(words[2]);
  int failed = separator == 3 ? refuse_call(call, refusal)
                              : refuse_argument(call, refusal, number(words[3]), number(words[4]));
  if (failed) perror("seccomp"), exit(2);
  execvp(words[separator + 1], words + separator + 1);
  perror(words[separator + 1]);
  return 2;
}
