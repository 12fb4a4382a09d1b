/* Tries to answer the loader's question without no_new_privs, then runs PROGRAM: what an ordinary user might do to have
   a set-user-ID program unsealed.
       answers_openly here PROGRAM ARGUMENTS...         as who it is
       answers_openly namespace PROGRAM ARGUMENTS...    as the master of a user namespace of its own
       answers_openly as-root PROGRAM ARGUMENTS...      the same, and known as root there */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ldseal/classes.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void need(int result, const char *what) {
  if (result >= 0) return;
  perror(what);
  _exit(3);
}

static void become_root_of_namespace(uid_t user) {
  char map[32];
  int length = snprintf(map, sizeof map, "0 %u 1", user);
  int file = open("/proc/self/uid_map", O_WRONLY);
  need(file, "uid_map");
  need((int)write(file, map, (size_t)length), "uid_map");
  close(file);
}

int main(int argc, char **argv) {
  struct sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_LDSEAL_EXEMPT, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {sizeof program / sizeof program[0], program};
  uid_t user = getuid();
  if (argc < 3) return 2;
  if (strcmp(argv[1], "here") != 0) need(unshare(CLONE_NEWUSER), "unshare");
  if (strcmp(argv[1], "as-root") == 0) become_root_of_namespace(user);
  need(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), "filter");
  execv(argv[2], argv + 2);
  need(-1, argv[2]);
}
