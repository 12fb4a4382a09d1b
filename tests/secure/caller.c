/* What a caller can do before exec(2), a word each. A value is a number where nothing else is said. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "starts.h"

enum { kNobody = 65534, kMostArguments = 4000 };

static char *arguments[kMostArguments + 1];
static int argument_count;
static const char *first_argument, *loader;
static int has_no_arguments, opens_program_first;

static void must(long answer, const char *what) {
  if (answer < 0) give_up(what);
}

static int number(const char *text) { return (int)strtol(text, NULL, 0); }

static void become_nobody(const char *value) {
  (void)value;
  must(setgroups(0, NULL), "setgroups");
  must(setresgid(kNobody, kNobody, kNobody), "setresgid");
  must(setresuid(kNobody, kNobody, kNobody), "setresuid");
}

static void close_one(const char *value) { close(number(value)); }

static void go_to(const char *folder) { must(chdir(folder), folder); }

static void go_to_removed(const char *folder) {
  must(mkdir(folder, 0700), folder);
  must(chdir(folder), folder);
  must(rmdir(folder), folder);
}

static void make_folder_the_root(const char *folder) {
  must(chroot(folder), folder);
  must(chdir("/"), "/");
}

/* limit=RESOURCE:SOFT, by the kernel's number; -1 is no limit. */
static void limit(const char *value) {
  char *rest;
  int resource = (int)strtol(value, &rest, 0);
  struct rlimit now;
  must(getrlimit((unsigned)resource, &now), "getrlimit");
  long wanted = strtol(rest + 1, NULL, 0);
  now.rlim_cur = wanted < 0 ? now.rlim_max : (rlim_t)wanted;
  must(setrlimit((unsigned)resource, &now), "setrlimit");
}

static void block_signals(const char *value) {
  (void)value;
  sigset_t all;
  sigfillset(&all);
  must(sigprocmask(SIG_SETMASK, &all, NULL), "sigprocmask");
}

static void ignore_signals(const char *value) {
  (void)value;
  for (int each = 1; each < 65; ++each) signal(each, SIG_IGN); /* it refuses some */
}

/* timer=MICROSECONDS: again and again. */
static void start_timer(const char *value) {
  struct timeval time = {0, number(value)};
  must(setitimer(ITIMER_REAL, &(struct itimerval){time, time}, NULL), "setitimer");
}

static void take_personality(const char *value) { must(personality((unsigned long)number(value)), "personality"); }

static void set_umask(const char *value) { umask((mode_t)number(value)); }

static void be_nice(const char *value) { must(setpriority(PRIO_PROCESS, 0, number(value)), "setpriority"); }

/* process=OPTION:VALUE of prctl(2). */
static void set_process(const char *value) {
  char *rest;
  int option = (int)strtol(value, &rest, 0);
  must(prctl(option, strtol(rest + 1, NULL, 0), 0, 0, 0), "prctl");
}

/* deny=NUMBER: no_new_privs, and a filter that answers EPERM to this system call. */
static void deny(const char *value) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number(value), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0), "seccomp");
}

/* This process traces the one that goes on; all its signals reach it. */
static void be_traced(const char *value) {
  (void)value;
  pid_t child = fork();
  must(child, "fork");
  if (child == 0) {
    must(ptrace(PTRACE_TRACEME, 0, 0, 0), "ptrace");
    return;
  }
  for (int status = 0; waitpid(child, &status, 0) == child;) {
    if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
    if (WIFSIGNALED(status)) _exit(100 + WTERMSIG(status));
    long passed_on = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
    ptrace(PTRACE_CONT, child, 0, passed_on);
  }
  give_up("waitpid");
}

/* sleeper=…: another process has this one's root and current folder for its own, too (CLONE_FS). */
static int sleep_on(void *nothing) {
  (void)nothing;
  for (int file = 0; file < 64; ++file) close(file);
  sleep(2);
  return 0;
}

static void share_folder(const char *value) {
  (void)value;
  static _Alignas(16) char stack[1 << 14];
  must(prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0), "prctl");
  must(clone(sleep_on, stack + sizeof stack, CLONE_FS | SIGCHLD, NULL), "clone");
}

static void add_argument(const char *text) {
  if (argument_count < kMostArguments) arguments[argument_count++] = (char *)text;
}

static void add_arguments(const char *count) {
  for (int left = number(count); left > 0; --left) add_argument("many");
}

static void set_first_argument(const char *text) { first_argument = text; }
static void take_no_arguments(const char *value) { (void)value, has_no_arguments = 1; }
static void open_program_first(const char *value) { (void)value, opens_program_first = 1; }
static void start_by_loader(const char *path) { loader = path; }
static void nothing_here(const char *value) { (void)value; }

static const struct {
  const char *name;
  void (*function)(const char *value);
} known[] = {
    {"argument", add_argument},
    {"arguments", add_arguments},
    {"argv0", set_first_argument},
    {"block-signals", block_signals},
    {"by-descriptor", open_program_first},
    {"by-loader", start_by_loader},
    {"chroot", make_folder_the_root},
    {"close", close_one},
    {"deny", deny},
    {"environments", nothing_here},
    {"folder", go_to},
    {"ignore-signals", ignore_signals},
    {"limit", limit},
    {"nice", be_nice},
    {"no-arguments", take_no_arguments},
    {"nobody", become_nobody},
    {"personality", take_personality},
    {"process", set_process},
    {"removed-folder", go_to_removed},
    {"shared-folder", share_folder},
    {"timer", start_timer},
    {"traced", be_traced},
    {"umask", set_umask},
};

static void heed(const char *word) {
  size_t length = strcspn(word, "=");
  for (size_t i = 0; i < sizeof known / sizeof known[0]; ++i) {
    if (strlen(known[i].name) != length || strncmp(known[i].name, word, length) != 0) continue;
    known[i].function(word[length] == '=' ? word + length + 1 : "");
    return;
  }
  errno = EINVAL;
  give_up(word);
}

void execute_as_told(struct start *start) {
  for (int i = 0; i < start->word_count; ++i) heed(start->words[i]);
  static char *words[kMostArguments + 3];
  int count = 0;
  const char *path = loader != NULL ? loader : start->program;
  if (!has_no_arguments) {
    words[count++] = (char *)(first_argument != NULL ? first_argument : path);
    if (loader != NULL) words[count++] = (char *)start->program;
    memcpy(words + count, arguments, sizeof arguments[0] * (size_t)argument_count);
  }
  if (opens_program_first) {
    int file = open(path, O_PATH | O_CLOEXEC);
    must(file, path);
    syscall(SYS_execveat, file, "", words, start->environment, AT_EMPTY_PATH);
  } else {
    syscall(SYS_execve, path, words, start->environment);
  }
  give_up("exec");
}
