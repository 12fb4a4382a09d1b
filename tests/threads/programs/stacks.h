/* What programs about threads' stacks share; its text goes in front of each of them (stack_recipes.py). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "observe.h"

#define UNSET ((size_t)-1)

// PTHREAD_STACK_MIN.
#ifdef __aarch64__
#define LEAST_STACK 131072
#else
#define LEAST_STACK 16384
#endif

/* A thread's stack as libc tells it. */
struct Stack {
  char *lowest, *top;
  size_t guard;
};

__attribute__((noreturn)) static inline void give_up(const char* what) {
  say_text("cannot", what);
  leave_at_once(99);
}

static inline size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

/* Enough for a thread that does a little: musl's minimum is not. */
static inline size_t small_stack(void) {
  size_t least = PTHREAD_STACK_MIN;
  return least < 16384 ? 16384 : least;
}

/* The guard that is really there: glibc has none below 64 KiB where the compiler's probes are that far apart. */
static inline size_t real_guard(size_t told) {
#if defined __aarch64__ && defined __GLIBC__
  return told < 65536 ? 65536 : told;
#else
  return told;
#endif
}

static inline struct Stack stack_of(pthread_t thread) {
  pthread_attr_t attributes;
  void* lowest;
  size_t size;
  struct Stack stack;
  if (pthread_getattr_np(thread, &attributes) != 0) give_up("ask for a thread's attributes");
  pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_getguardsize(&attributes, &stack.guard);
  pthread_attr_destroy(&attributes);
  stack.lowest = (char*)lowest;
  stack.top = stack.lowest + size;
  return stack;
}

/* Asks the kernel, which answers EFAULT where a load would be a SIGSEGV. */
static inline int can_be_read(const char* at) {
  int ends[2];
  if (pipe(ends) != 0) give_up("make a pipe");
  int can = write(ends[1], at, 1) == 1;
  close(ends[0]);
  close(ends[1]);
  return can;
}

static inline int none_can_be_read(const char* from, const char* upto) {
  for (; from < upto; from += page_size())
    if (can_be_read(from)) return 0;
  return 1;
}

/* Of a large guard the pages at both ends are enough. */
static inline int is_guarded(const struct Stack* stack) {
  const size_t enough = 4 * page_size(), size = real_guard(stack->guard);
  const char* start = stack->lowest - size;
  if (stack->guard == 0) return 0;
  if (size <= 2 * enough) return none_can_be_read(start, stack->lowest);
  return none_can_be_read(start, start + enough) &&
         none_can_be_read(stack->lowest - enough, stack->lowest);
}

/* Writes to all of the calling thread's stack that it does not use, from the top to the lowest byte. */
static inline void use_all(const struct Stack* stack) {
  char here;
  volatile char* at = &here - 1024;
  for (at -= (uintptr_t)at % page_size(); at >= stack->lowest; at -= page_size()) *at = 1;
}

/* Not by an atomic instruction: what gcc calls for it on aarch64 asks glibc. */
static inline void count_one(int* counter) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&lock);
  ++*counter;
  pthread_mutex_unlock(&lock);
}

static inline void make_attributes(pthread_attr_t* attributes, size_t stack, size_t guard) {
  if (pthread_attr_init(attributes) != 0) give_up("make attributes");
  if (stack != UNSET && pthread_attr_setstacksize(attributes, stack) != 0)
    give_up("set a stack's size");
  if (guard != UNSET && pthread_attr_setguardsize(attributes, guard) != 0)
    give_up("set a guard's size");
}

static inline pthread_t started(const pthread_attr_t* attributes, void* (*work)(void*),
                                void* argument) {
  pthread_t thread;
  if (pthread_create(&thread, attributes, work, argument) != 0) give_up("start a thread");
  return thread;
}

static inline void* joined(pthread_t thread) {
  void* result = 0;
  if (pthread_join(thread, &result) != 0) give_up("join a thread");
  return result;
}
