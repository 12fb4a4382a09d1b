/* Shows with what it was started: texts that each end with a NUL, on descriptor 9. Some lines are "name value"; those
   that begin "argument=" and "variable=" have what the caller chose. The last is "environ file", after which the
   bytes of /proc/self/environ follow. By system calls alone, so that it is the same with every libc and with none. */
#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "observe.h"
#include "shows.h"

#ifdef WITH_LIBRARY
const char *who(void);
#endif
#ifndef LIBC_NONE
extern char **environ;
#endif

enum { kDescriptors = 16, kLimits = 16, kHere = AT_FDCWD };

static void show_arguments(int argc, char **argv) {
  show_number("argc", argc);
  for (; *argv; ++argv) show_text("argument=", *argv);
}

static void show_variables(char **environment) {
  for (; *environment; ++environment) show_text("variable=", *environment);
}

static unsigned long *auxiliary_vector(char **environment) {
  while (*environment) ++environment;
  while (!*environment) ++environment; /* where variables were taken out there is more than one end */
  return (unsigned long *)environment;
}

static unsigned long auxiliary(unsigned long *vector, unsigned long type) {
  for (; vector[0] != AT_NULL; vector += 2)
    if (vector[0] == type) return vector[1];
  return 0;
}

static int are_ascending(char **texts, const char *from) {
  for (; *texts; ++texts) {
    if (*texts < from) return same_start(*texts, "GLIBC_TUNABLES="); /* glibc 2.36 copies it */
    from = *texts;
  }
  return 1;
}

/* argc, argv, envp, auxv and then the texts, in this order (psABI, "Process Initialization"). */
static void show_block(int argc, char **argv, char **environment, unsigned long *vector) {
  unsigned long *end = vector;
  while (end[0] != AT_NULL) end += 2;
  show_number("argc lies before argv", (int)((long *)argv)[-1] == argc);
  show_number("argv ends with a null", argv[argc] == 0);
  show_number("environment follows argv", environment == argv + argc + 1);
  show_number("texts follow the vector", are_ascending(argv, (char *)end) && are_ascending(environment, (char *)end));
#ifndef LIBC_NONE
  show_number("libc has this environment", environ == environment);
#endif
  show_number("secure", (long)auxiliary(vector, AT_SECURE));
  show_text("file name=", (char *)auxiliary(vector, AT_EXECFN));
  for (int type = AT_UID; type <= AT_EGID; ++type) show_number("auxiliary ID", (long)auxiliary(vector, (unsigned)type));
}

static void show_descriptor(int descriptor) {
  struct stat status;
  char path[] = "/proc/self/fd/00", target[256];
  path[14] = (char)('0' + descriptor / 10);
  path[15] = (char)('0' + descriptor % 10);
  char *name = path;
  if (descriptor < 10) path[14] = path[15], path[15] = 0;
  long flags = call(SYS_fcntl, descriptor, F_GETFD, 0, 0);
  if (flags < 0 || call(SYS_fstat, descriptor, (long)&status, 0, 0) < 0) return;
  long length = call(SYS_readlinkat, kHere, (long)name, (long)target, sizeof target - 1);
  target[length < 0 ? 0 : length] = 0;
  show_number("descriptor", descriptor);
  show_text("descriptor is ", target);
  show_number("descriptor flags", flags);
  show_number("descriptor access", call(SYS_fcntl, descriptor, F_GETFL, 0, 0));
  show_number("descriptor kind", (long)(status.st_mode & S_IFMT));
  show_number("descriptor device", (long)status.st_rdev);
}

static void show_descriptors(void) {
  for (int descriptor = 0; descriptor < kDescriptors; ++descriptor) show_descriptor(descriptor);
  long first = call(SYS_openat, kHere, (long)"/", O_RDONLY | O_DIRECTORY, 0);
  show_number("first open", first);
  if (first >= 0) call(SYS_close, first, 0, 0, 0);
}

static void show_process(void) {
  char path[4096];
  long length = call(SYS_getcwd, (long)path, sizeof path, 0, 0);
  show_text("folder ", length < 0 ? "none" : path);
  length = call(SYS_readlinkat, kHere, (long)"/proc/self/exe", (long)path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  show_text("program ", path);
  for (int limit = 0; limit < kLimits; ++limit) {
    unsigned long values[2] = {0, 0};
    call(SYS_prlimit64, 0, limit, 0, (long)values);
    show_number("limit", (long)values[0]);
    show_number("hard limit", (long)values[1]);
  }
  show_number("personality", call(SYS_personality, 0xffffffff, 0, 0, 0));
  show_number("dumpable", call(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0));
  int signal = 0;
  call(SYS_prctl, PR_GET_PDEATHSIG, (long)&signal, 0, 0);
  show_number("parent's death signal", signal);
  show_number("nice", call(SYS_getpriority, 0, 0, 0, 0));
  show_file("status", "/proc/self/status");
}

/* Can the page be given the protection that it has? A seal refuses even that. */
static void show_seal(const char *of, unsigned long address, unsigned long page, int protection) {
  show_number(of, call(SYS_mprotect, (long)(address & -page), 1, protection, 0));
}

static void (*const in_relro)(void) = show_process;

static void show_seals(unsigned long *vector) {
  unsigned long page = auxiliary(vector, AT_PAGESZ), vdso = auxiliary(vector, AT_SYSINFO_EHDR);
  const int code = PROT_READ | PROT_EXEC;
  show_seal("seal of the program", (unsigned long)show_seals, page, code);
  show_seal("seal of RELRO", (unsigned long)OPAQUE(&in_relro), page, PROT_READ);
  if (vdso != 0) show_seal("seal of the vDSO", vdso, page, code);
#ifdef WITH_LIBRARY
  show_seal("seal of the library", (unsigned long)who, page, code);
#endif
}

int main(int argc, char **argv, char **environment) {
  unsigned long *vector = auxiliary_vector(environment);
  show_descriptors(); /* before anything of ours is open */
  show_arguments(argc, argv);
  show_variables(environment);
  show_block(argc, argv, environment, vector);
#ifdef WITH_LIBRARY
  show_text("library ", who());
#endif
  show_seals(vector);
  show_process();
  show_file("environ file", "/proc/self/environ");
  show_end();
  return 0;
}
