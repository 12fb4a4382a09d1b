// What programs of many threads share: threads that work together, a thread in the background that
// opens and closes guests, and a count of what went wrong.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#ifdef __cplusplus
#include <atomic>

using namespace std;
#else
#include <stdatomic.h>
#endif
#include "opens.h"

// Rounds are few under the emulator, whose threads take turns.
#if defined __x86_64__
enum { kRounds = 300 };
#else
enum { kRounds = 20 };
#endif

// What the compiler's atomics ask for, by glibc's name.
#if defined __aarch64__ && defined LIBC_MUSL
#include <sys/auxv.h>

unsigned long __getauxval(unsigned long type) { return getauxval(type); }
#endif

static atomic_int wrong, stop;

static void expect(int holds) {
  if (!holds) atomic_fetch_add(&wrong, 1);
}

static void together(int count, void* (*work)(void*)) {
  pthread_t threads[16];
  for (long n = 0; n < count; ++n) threads[n] = started(work, (void*)n);
  for (int n = 0; n < count; ++n) joined(threads[n]);
}

static pthread_t in_background(void* (*work)(void*)) {
  atomic_store(&stop, 0);
  return started(work, 0);
}

static void until_now(pthread_t thread) {
  atomic_store(&stop, 1);
  joined(thread);
}

/* Opens and closes until it is told to stop. */
static void* come_and_go(void* unused) {
  for (int n = 0; !atomic_load(&stop); n = (n + 1) % 4) {
    char name[40];
    snprintf(name, sizeof name, "libguest%d.so", n);
    void* handle = opened(name, RTLD_NOW);
    expect(answer(handle, "guest") == n * 100 + 1);
    closed(handle);
  }
  return unused;
}
