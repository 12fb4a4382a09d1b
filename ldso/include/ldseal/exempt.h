/* The escape hatch: a supervisor exempts the programs that it starts from sealing.

   A checkpointer, a recorder or a sandbox cannot rearrange the address space of a program once it
   is sealed. Such a supervisor calls, in the process that will execute the program:

       #include <ldseal/exempt.h>

       if (ldseal_exempt(LDSEAL_CLASS_TEXT | LDSEAL_CLASS_SYSTEM) != 0) perror("ldseal_exempt");
       execv(program, arguments);

   `sealctl run --exempt=text,system -- PROGRAM` does the same from a shell.

   How it works. Before its first mseal(2), ld-seal asks:

       prctl(PR_LDSEAL_EXEMPT, classes, 0, 0, 0)

   No kernel knows this option and the answer is -1 with EINVAL: none of them is exempt. The answer
   0 means: at least one of them is. ld-seal asks about all classes first and, if the answer is 0,
   about each. The function below installs a seccomp(2) filter that gives the answer 0 to exactly
   this question, for the classes of its argument, and lets every other system call pass. A
   supervisor that traces its program can answer the question itself.

   Its effects:
   - The exemption survives fork(2) and execve(2), and cannot be taken back. Another call adds
     classes.
   - It applies to the calling thread and to the threads and processes that this thread starts.
     Call it before there are other threads, or in the child between fork(2) and execve(2). The
     function makes only system calls, so that is allowed.
   - A program that already runs keeps its seals.
   - A set-user-ID program cannot be weakened through it: no_new_privs is set, for root as well, and
     from then on execve(2) gives neither a file's user, nor its group, nor its capabilities.
   - A program that another loader starts never asks. Its system calls are slower by a few BPF
     instructions.
   - LDSEAL_CLASS_GUARDS keeps ld-seal from putting MADV_GUARD_INSTALL guards under thread
     stacks. */
#ifndef LDSEAL_EXEMPT_H
#define LDSEAL_EXEMPT_H

#include <ldseal/classes.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* By what the kernel names this machine to a filter. A loader's program is a 64-bit one. */
#if defined(__x86_64__) && defined(__LP64__)
#define LDSEAL_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__LP64__) && !defined(__AARCH64EB__)
#define LDSEAL_AUDIT_ARCH AUDIT_ARCH_AARCH64
#else
#error "ldseal does not run on this machine"
#endif

/* The offset of the low half of a system call's argument. Both machines are little-endian. */
#define LDSEAL_ARGUMENT(n) (offsetof(struct seccomp_data, args) + sizeof(__u64) * (n))

/* Exempts `classes`, a combination of LDSEAL_CLASS_…, in this thread and in all threads and
   processes that it starts from now on. Returns 0, or -1 with the errno of prctl(2): EINVAL or
   ENOSYS if the kernel has no seccomp filters. */
static inline int ldseal_exempt(unsigned classes) {
  struct sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LDSEAL_AUDIT_ARCH, 0, 7),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_prctl, 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LDSEAL_ARGUMENT(0)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_LDSEAL_EXEMPT, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LDSEAL_ARGUMENT(1)),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, classes, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO), /* errno 0: the call returns 0 */
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {sizeof program / sizeof program[0], program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

#endif
