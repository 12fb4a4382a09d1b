/* Asks what a loader asks, and what only looks like it; one line "question: answer" for each, the answer being a
   result or an errno with a minus.
       asks [fork] [PROGRAM ARGUMENTS...]    in a child, and then in another program, if asked to */
#define _GNU_SOURCE
#include <errno.h>
#include <ldseal/classes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(const char *question, long answer) {
  printf("%s: %ld\n", question, answer == -1 ? (long)-errno : answer);
}

static void ask_every_bit(void) {
  for (unsigned long bit = 1; bit <= LDSEAL_CLASS_ALL; bit <<= 1) {
    char question[32];
    snprintf(question, sizeof question, "class %#lx", bit);
    tell(question, prctl(PR_LDSEAL_EXEMPT, bit, 0, 0, 0));
  }
}

/* Everything that has no effect, and the neighbours of the question itself. */
static void ask_other_options(void) {
  static const int options[] = {
      PR_GET_DUMPABLE,  PR_GET_KEEPCAPS,  PR_GET_TIMING,          PR_GET_SECUREBITS,        PR_GET_TIMERSLACK,
      PR_GET_THP_DISABLE, PR_GET_IO_FLUSHER, PR_LDSEAL_EXEMPT - 1, PR_LDSEAL_EXEMPT + 1,
      PR_LDSEAL_EXEMPT ^ (1 << 30), 0, -1};
  for (unsigned index = 0; index < sizeof options / sizeof options[0]; ++index) {
    char question[32];
    snprintf(question, sizeof question, "option %#x", (unsigned)options[index]);
    tell(question, prctl(options[index], 0, 0, 0, 0));
  }
  tell("no class", prctl(PR_LDSEAL_EXEMPT, 0, 0, 0, 0));
  tell("class in the high half", prctl(PR_LDSEAL_EXEMPT, 1UL << 32, 0, 0, 0));
}

#if defined __x86_64__
static sigjmp_buf without_32_bit_calls;

static void give_up(int signal) { siglongjmp(without_32_bit_calls, signal); }

/* The number of prctl is sched_getparam's in the 32-bit table. A kernel without that table sends SIGSEGV. */
static void ask_by_32_bit_call(void) {
  long answer;
  signal(SIGSEGV, give_up);
  if (sigsetjmp(without_32_bit_calls, 1) != 0) {
    printf("32-bit call of the same number: the kernel has none\n");
    return;
  }
  __asm__ volatile("int $0x80" : "=a"(answer) : "a"(SYS_prctl), "b"(PR_LDSEAL_EXEMPT), "c"(1L) : "memory");
  printf("32-bit call of the same number: %ld\n", answer);
}
#endif

static void ask_other_calls(void) {
  char name[17] = {0};
  tell("set name", prctl(PR_SET_NAME, "asked", 0, 0, 0));
  tell("get name", prctl(PR_GET_NAME, name, 0, 0, 0));
  printf("name: %s\n", name);
  tell("close", syscall(SYS_close, PR_LDSEAL_EXEMPT, 1));
  tell("sched_getparam", syscall(SYS_sched_getparam, PR_LDSEAL_EXEMPT, 1));
#if defined __x86_64__
  ask_by_32_bit_call();
#endif
}

int main(int argc, char **argv) {
  int next = 1;
  if (argc > next && strcmp(argv[next], "fork") == 0) {
    ++next;
    pid_t child = fork();
    if (child != 0) return waitpid(child, NULL, 0) == child ? 0 : 1;
  }
  if (argc > next) {
    execv(argv[next], argv + next);
    return 1;
  }
  ask_every_bit();
  ask_other_options();
  ask_other_calls();
  printf("no_new_privs: %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  printf("seccomp: %d\n", prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
  return 0;
}
