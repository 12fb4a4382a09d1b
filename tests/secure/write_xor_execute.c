/* Runs a program where memory is never both written and executed, as services are run.
     write_xor_execute prctl|filter PROGRAM [ARGUMENTS...]
   prctl: the kernel's own refusal; filter: what systemd's MemoryDenyWriteExecute= installs on older kernels. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SET_MDWE = 65, REFUSE_EXEC_GAIN = 1 };

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define IF_CALL(number, then, otherwise) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, then, otherwise)
#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static int install_filter(void) {
  struct sock_filter filter[] = {
      LOAD(nr),
      IF_CALL(SYS_mprotect, 4, 0),
      IF_CALL(SYS_pkey_mprotect, 3, 0),
      IF_CALL(SYS_mmap, 6, 0),
      IF_CALL(SYS_shmat, 8, 0),
      ALLOW,
      LOAD(args[2]), /* mprotect: no PROT_EXEC at all */
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
      REFUSE,
      ALLOW,
      LOAD(args[2]), /* mmap: not both */
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, PROT_WRITE | PROT_EXEC),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROT_WRITE | PROT_EXEC, 2, 3),
      LOAD(args[2]), /* shmat: not executable */
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, SHM_EXEC, 0, 1),
      REFUSE,
      ALLOW,
  };
  struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int count, char **words) {
  if (count < 3) return 2;
  int is_filter = strcmp(words[1], "filter") == 0;
  int failed = is_filter ? install_filter() : prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0);
  if (failed) return perror(words[1]), 3;
  execvp(words[2], words + 2);
  perror(words[2]);
  return 2;
}
