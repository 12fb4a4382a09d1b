/* What programs that open objects share. Objects are named as the program's RUNPATH finds them:
   "libNAME.so". */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "observe.h"

/* Ends the program when what the rest of it rests on is not there. */
__attribute__((noreturn)) static inline void give_up(const char *what, const char *name) {
  const char *reason = dlerror();
  say_text(what, name);
  say_text("because", reason);
  leave_at_once(99);
}

static inline void *opened(const char *name, int flags) {
  void *handle = dlopen(name, flags);
  if (!handle) give_up("cannot open", name);
  return handle;
}

static inline void *found(void *handle, const char *name) {
  void *address = dlsym(handle, name);
  if (!address) give_up("cannot find", name);
  return address;
}

static inline void closed(void *handle) {
  if (dlclose(handle) != 0) give_up("cannot close", "a handle");
}

/* What the function `int NAME(void)` of an opened object returns. */
static inline int answer(void *handle, const char *name) { return ((int (*)(void))found(handle, name))(); }

/* True when the open fails and dlerror has words for it. */
static inline int refused(const char *name, int flags) {
  dlerror();
  return dlopen(name, flags) == 0 && dlerror() != 0;
}

/* True when there is no such symbol and dlerror has words for it. */
static inline int unknown(void *handle, const char *name) {
  dlerror();
  return dlsym(handle, name) == 0 && dlerror() != 0;
}

/* /proc/self/maps as text, in memory that no allocator moves. */
static inline long read_mappings(char *text, long size) {
  int file = open("/proc/self/maps", O_RDONLY);
  long length = 0, count;
  while ((count = read(file, text + length, size - 1 - length)) > 0) length += count;
  close(file);
  text[length] = 0;
  return length;
}

enum { kMappingsSize = 1 << 18 };
static char mappings_text[kMappingsSize];

/* How many mappings name a file whose path contains `part`; "" counts them all. */
static inline int mappings_of(const char *part) {
  int count = 0;
  read_mappings(mappings_text, kMappingsSize);
  for (char *rest = mappings_text, *line; (line = strsep(&rest, "\n")) && *line;) count += strstr(line, part) != 0;
  return count;
}

static inline int is_mapped(const char *part) { return mappings_of(part) > 0; }

static inline long resident_kib(void) {
  char text[200] = "";
  long size = 0, resident = 0;
  int file = open("/proc/self/statm", O_RDONLY);
  if (read(file, text, sizeof text - 1) > 0) sscanf(text, "%ld %ld", &size, &resident);
  close(file);
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static inline pthread_t started(void *(*work)(void *), void *argument) {
  pthread_t thread;
  if (pthread_create(&thread, 0, work, argument) != 0) give_up("cannot start", "a thread");
  return thread;
}

static inline void *joined(pthread_t thread) {
  void *result = 0;
  pthread_join(thread, &result);
  return result;
}
