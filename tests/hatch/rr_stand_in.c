// Stands in for rr, which needs hardware counters: traces one program, and does to it what rr does
// to the programs it records as far as a loader can notice.
//
//     rr_stand_in WORD[,WORD]... PROGRAM [ARGUMENT]...
//
//     variable  sets RUNNING_UNDER_RR=1
//     answer    answers rr's own system call 1008 with 0, if its six arguments are zero
//     vdso      after execve, unmaps [vvar] and [vvar_vclock] and points AT_SYSINFO_EHDR at an
//               image of its own
//     abort     ends everything with status 99 at the first system call that rr does not record
//     exempt    answers PR_LDSEAL_EXEMPT with 0, as any tracer may (<ldseal/exempt.h>); not as rr
//
// At the end it writes "recorder: NAME COUNT" to standard error: mseal, exemption, presence (1008),
// guard, query. It exits as the program does. Only the program's first thread is traced.
#define _GNU_SOURCE
#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ldseal/classes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
typedef struct user_regs_struct Registers;
#define RESULT(r) ((r)->rax)
#define STACK(r) ((r)->rsp)
#define PC(r) ((r)->rip)
static const unsigned char kSystemCall[] = {0x0f, 0x05};
static const char kVdsoNames[] = "__vdso_";
static void set_call(Registers* r, long number, const uint64_t* arguments) {
  r->orig_rax = (uint64_t)-1;  // not in a system call: nothing to restart
  r->rax = (uint64_t)number;
  r->rdi = arguments[0], r->rsi = arguments[1], r->rdx = arguments[2];
  r->r10 = arguments[3], r->r8 = arguments[4], r->r9 = arguments[5];
}
#elif defined(__aarch64__)
typedef struct user_regs_struct Registers;
#define RESULT(r) ((r)->regs[0])
#define STACK(r) ((r)->sp)
#define PC(r) ((r)->pc)
static const unsigned char kSystemCall[] = {0x01, 0x00, 0x00, 0xd4};
static const char kVdsoNames[] = "__kernel_";
static void set_call(Registers* r, long number, const uint64_t* arguments) {
  r->regs[8] = (uint64_t)number;
  memcpy(r->regs, arguments, 6 * sizeof arguments[0]);
}
#endif

enum {
  kCheckPresence = 1008,
  kMseal = 462,
  kGuardInstall = 102,
  kGuardRemove = 103,
  kMappingQuery = 17,  // PROCMAP_QUERY is _IOWR('f', 17, …)
  kAborted = 99,
  kVdsoLimit = 1 << 16,
};
static const uint64_t kOwnVdso = 0x6fffd000;  // where rr has its own

// What is done, and what is counted.
static bool variable, answer, vdso, abort_at_unknown, exempt;
static int mseals, exemptions, presences, guards, queries;

static pid_t program;

static void choose(char* words) {
  const struct {
    const char* name;
    bool* chosen;
  } table[] = {{"variable", &variable},
               {"answer", &answer},
               {"vdso", &vdso},
               {"abort", &abort_at_unknown},
               {"exempt", &exempt}};
  for (char* word = strtok(words, ","); word != NULL; word = strtok(NULL, ",")) {
    bool known = false;
    for (size_t n = 0; n < sizeof table / sizeof table[0]; n++) {
      if (strcmp(word, table[n].name) == 0) *table[n].chosen = known = true;
    }
    if (!known) errx(2, "unknown word %s", word);
  }
}

static void start(char** words) {
  program = fork();
  if (program < 0) err(2, "fork");
  if (program == 0) {
    if (variable) setenv("RUNNING_UNDER_RR", "1", 1);
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
    execv(words[0], words);
    err(2, "%s", words[0]);
  }
}

static Registers get_registers(void) {
  Registers registers;
  struct iovec place = {&registers, sizeof registers};
  if (ptrace(PTRACE_GETREGSET, program, NT_PRSTATUS, &place) != 0) err(2, "PTRACE_GETREGSET");
  return registers;
}

static void set_registers(Registers registers) {
  struct iovec place = {&registers, sizeof registers};
  if (ptrace(PTRACE_SETREGSET, program, NT_PRSTATUS, &place) != 0) err(2, "PTRACE_SETREGSET");
}

static void set_result(uint64_t result) {
  Registers registers = get_registers();
  RESULT(&registers) = result;
  set_registers(registers);
}

static int open_proc(const char* name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)program, name);
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) err(2, "%s", path);
  return file;
}

static void read_memory(uint64_t from, void* to, size_t length) {
  int memory = open_proc("mem");
  if (pread(memory, to, length, (off_t)from) != (ssize_t)length) err(2, "reading its memory");
  close(memory);
}

static void write_memory(uint64_t to, const void* from, size_t length) {
  int memory = open_proc("mem");
  if (pwrite(memory, from, length, (off_t)to) != (ssize_t)length) err(2, "writing its memory");
  close(memory);
}

// Makes the program, which stands at its entry, do a system call.
static uint64_t inject(long number, const uint64_t* arguments) {
  const Registers before = get_registers();
  unsigned char code[sizeof kSystemCall];
  read_memory(PC(&before), code, sizeof code);
  write_memory(PC(&before), kSystemCall, sizeof kSystemCall);
  Registers registers = before;
  set_call(&registers, number, arguments);
  set_registers(registers);
  int status;
  if (ptrace(PTRACE_SINGLESTEP, program, NULL, NULL) != 0 ||
      waitpid(program, &status, 0) != program)
    err(2, "PTRACE_SINGLESTEP");
  if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP) errx(2, "no step: %#x", (unsigned)status);
  registers = get_registers();
  write_memory(PC(&before), code, sizeof code);
  set_registers(before);
  return RESULT(&registers);
}

// The mapping of this name; false if there is none.
static bool find_mapping(const char* name, uint64_t* start, uint64_t* length) {
  char path[64], line[4096];
  snprintf(path, sizeof path, "/proc/%d/maps", (int)program);
  FILE* maps = fopen(path, "re");
  if (maps == NULL) err(2, "%s", path);
  bool found = false;
  while (!found && fgets(line, sizeof line, maps) != NULL) {
    unsigned long from, to;
    char said[64] = "";
    sscanf(line, "%lx-%lx %*s %*s %*s %*s %63s", &from, &to, said);
    found = strcmp(said, name) == 0;
    *start = from;
    *length = to - from;
  }
  fclose(maps);
  return found;
}

static void unmap(const char* name) {
  uint64_t start, length;
  if (!find_mapping(name, &start, &length)) return;
  if (inject(__NR_munmap, (uint64_t[6]){start, length}) != 0)
    errx(2, "%s cannot be unmapped", name);
}

// An image like the kernel's in which nothing can be found by name: libc makes system calls.
static void place_own_vdso(void) {
  static unsigned char image[kVdsoLimit];
  uint64_t start, length;
  if (!find_mapping("[vdso]", &start, &length) || length > sizeof image)
    errx(2, "no [vdso] to imitate");
  const uint64_t mapping[6] = {kOwnVdso,
                               length,
                               PROT_READ | PROT_EXEC,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
                               (uint64_t)-1,
                               0};
  if (inject(__NR_mmap, mapping) != kOwnVdso) errx(2, "no place for a vDSO");
  read_memory(start, image, length);
  for (unsigned char* name; (name = memmem(image, length, kVdsoNames, strlen(kVdsoNames))) != NULL;)
    *name = 'x';
  write_memory(kOwnVdso, image, length);
}

static uint64_t word_at(uint64_t address) {
  uint64_t word;
  read_memory(address, &word, sizeof word);
  return word;
}

static void point_at_own_vdso(void) {
  const Registers registers = get_registers();
  uint64_t at = STACK(&registers) + 8 * (word_at(STACK(&registers)) + 2);  // argc, arguments, NULL
  while (word_at(at) != 0) at += 8;                                        // the environment
  for (at += 8; word_at(at) != AT_SYSINFO_EHDR; at += 16) {
    if (word_at(at) == AT_NULL) errx(2, "no AT_SYSINFO_EHDR");
  }
  write_memory(at + 8, &kOwnVdso, sizeof kOwnVdso);
}

static void rearrange(void) {
  place_own_vdso();
  point_at_own_vdso();
  unmap("[vvar]");
  unmap("[vvar_vclock]");
}

static _Noreturn void give_up_recording(const char* what, int64_t result) {
  fprintf(stderr, "recorder: abort at %s, result %ld\n", what, (long)result);
  kill(program, SIGKILL);
  exit(kAborted);
}

// What rr expects of a call that it cannot record: that it has failed in the one way it knows.
static void expect(const char* what, int64_t result, int first, int second) {
  if (abort_at_unknown && result != -first && result != -second) give_up_recording(what, result);
}

static bool all_zero(const uint64_t* arguments) {
  for (int n = 0; n < 6; n++) {
    if (arguments[n] != 0) return false;
  }
  return true;
}

static void judge(uint64_t number, const uint64_t* arguments, int64_t result) {
  if (number == kMseal) {
    mseals++;
    expect("mseal", result, ENOSYS, ENOSYS);
  } else if (number == __NR_madvise &&
             (arguments[2] == kGuardInstall || arguments[2] == kGuardRemove)) {
    guards++;
    expect("madvise", result, EINVAL, EINVAL);
  } else if (number == __NR_ioctl && (arguments[1] & 0xffff) == ('f' << 8 | kMappingQuery)) {
    queries++;
    expect("ioctl", result, EINVAL, ENOTTY);
  } else if (number == __NR_prctl && arguments[0] == PR_LDSEAL_EXEMPT) {
    exemptions++;
    expect("prctl", result, EINVAL, EINVAL);
    if (exempt) set_result(0);
  } else if (number == kCheckPresence) {
    presences++;
    if (answer) set_result(all_zero(arguments) ? 0 : (uint64_t)-EINVAL);
  }
}

// Rearranges at the end of execve, judges at the end of every other call.
static void at_system_call(void) {
  static struct __ptrace_syscall_info entry;
  struct __ptrace_syscall_info now;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, program, sizeof now, &now) <= 0)
    err(2, "PTRACE_GET_SYSCALL_INFO");
  if (now.op == PTRACE_SYSCALL_INFO_ENTRY) {
    entry = now;
  } else if (entry.entry.nr == __NR_execve) {
    if (now.exit.rval == 0 && vdso) rearrange();
  } else {
    uint64_t arguments[6];
    memcpy(arguments, entry.entry.args, sizeof arguments);
    judge(entry.entry.nr, arguments, now.exit.rval);
  }
}

static void tell_counts(void) {
  fprintf(stderr,
          "recorder: mseal %d\nrecorder: exemption %d\nrecorder: presence %d\nrecorder: guard "
          "%d\nrecorder: query %d\n",
          mseals, exemptions, presences, guards, queries);
}

// Until the program has ended; returns its status as a shell tells it.
static int record(void) {
  const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  int status, signal_number = 0;
  if (waitpid(program, &status, 0) != program || !WIFSTOPPED(status)) errx(2, "it did not start");
  if (ptrace(PTRACE_SETOPTIONS, program, NULL, options) != 0) err(2, "PTRACE_SETOPTIONS");
  while (ptrace(PTRACE_SYSCALL, program, NULL, (long)signal_number) == 0 &&
         waitpid(program, &status, 0) == program) {
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
    signal_number = 0;
    if (WSTOPSIG(status) == (SIGTRAP | 0x80))
      at_system_call();
    else if (status >> 16 == 0)
      signal_number = WSTOPSIG(status);
  }
  err(2, "ptrace");
}

int main(int argc, char** argv) {
  if (argc < 3) errx(2, "usage: rr_stand_in WORD[,WORD]... PROGRAM [ARGUMENT]...");
  choose(argv[1]);
  start(argv + 2);
  int status = record();
  tell_counts();
  return status;
}
