/* Opens and closes objects as its arguments say, one after the other, and says how each of them went:
     open PATH, nodelete PATH, close PATH   dlopen with RTLD_NOW, with RTLD_NODELETE too, and dlclose
     apart PATH                             dlmopen with LM_ID_NEWLM and RTLD_NOW
     mapped PATH                            is a library of this name among the mappings?
     refuse                                 from here on the kernel refuses mseal to us (EPERM)
     kill                                   from here on it ends us for mseal
     refuse-at PATH                         the same for the range that begins where this opened object does (ENOMEM)
     feign                                  from here on mseal answers 0 to us and does nothing
     reseal                                 ldseal_reseal() */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void* handles[16];
static const char* names[16];
static int count;

static void** handle_of(const char* path) {
  for (int n = 0; n < count; ++n)
    if (handles[n] && strcmp(names[n], path) == 0) return &handles[n];
  printf("not open: %s\n", path);
  exit(1);
}

static const char* note_opened(const char* path, void* handle) {
  if (!handle) return dlerror();
  names[count] = path;
  handles[count++] = handle;
  return "opened";
}

static const char* open_object(const char* path, int flags) {
  return note_opened(path, dlopen(path, RTLD_NOW | flags));
}

static const char* close_object(const char* path) {
  void** handle = handle_of(path);
  if (dlclose(*handle) != 0) return dlerror();
  *handle = NULL;
  return "closed";
}

static const char* is_mapped(const char* path) {
  char line[8192];
  const char* answer = "no";
  FILE* maps = fopen("/proc/self/maps", "r");
  while (maps && fgets(line, sizeof line, maps))
    if (strstr(line, path)) answer = "yes";
  if (maps) fclose(maps);
  return answer;
}

#ifdef __GLIBC__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

/* For mseal the filter does `action`, if its first argument's low half is `start` or `start` is 0. */
static const char* filter_mseal(unsigned start, unsigned action) {
  unsigned char passes = start ? 1 : 0;
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mseal, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, start, 0, passes),
      BPF_STMT(BPF_RET | BPF_K, action),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    return strerror(errno);
  return "refused from here on";
}

static const char* refuse(unsigned start, unsigned error) {
  return filter_mseal(start, SECCOMP_RET_ERRNO | error);
}

static unsigned start_of(const char* path) {
  struct link_map* map = *handle_of(path);
  return (unsigned)map->l_addr;
}

static const char* reseal(void) {
  int (*function)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "ldseal_reseal");
  return function ? strerror(function()) : "missing";
}

static const char* open_apart(const char* path) {
  return note_opened(path, dlmopen(LM_ID_NEWLM, path, RTLD_NOW));
}

static const char* change_kernel(const char* word, const char* path) {
  if (strcmp(word, "refuse") == 0) return refuse(0, EPERM);
  if (strcmp(word, "feign") == 0) return refuse(0, 0);
  if (strcmp(word, "kill") == 0) return filter_mseal(0, SECCOMP_RET_KILL_PROCESS);
  if (strcmp(word, "refuse-at") == 0) return refuse(start_of(path), ENOMEM);
  return strcmp(word, "reseal") == 0 ? reseal() : NULL;
}
#else
static const char* open_apart(const char* path) { return (void)path, NULL; }

static const char* change_kernel(const char* word, const char* path) {
  return (void)word, (void)path, NULL;
}
#endif

static const char* obey(const char* word, const char* path) {
  if (strcmp(word, "open") == 0) return open_object(path, 0);
  if (strcmp(word, "nodelete") == 0) return open_object(path, RTLD_NODELETE);
  if (strcmp(word, "apart") == 0) return open_apart(path);
  if (strcmp(word, "close") == 0) return close_object(path);
  if (strcmp(word, "mapped") == 0) return is_mapped(path);
  return change_kernel(word, path);
}

static int stands_alone(const char* word) {
  static const char* const words[] = {"refuse", "kill", "feign", "reseal"};
  for (size_t n = 0; n < sizeof words / sizeof *words; ++n)
    if (strcmp(word, words[n]) == 0) return 1;
  return 0;
}

int main(int words, char** word) {
  for (int n = 1; n < words; ++n) {
    const char* path = stands_alone(word[n]) ? "" : word[n + 1];
    const char* answer = obey(word[n], path);
    const char* slash = strrchr(path, '/');
    printf("%s %s: %s\n", word[n], slash ? slash + 1 : path, answer ? answer : "unknown word");
    if (*path) ++n;
  }
  return 0;
}
