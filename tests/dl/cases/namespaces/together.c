// Threads open and close objects in namespaces and in the program's, and look up in both. libc may have
// no static storage left for another namespace.

#include "spaces.h"

enum { kThreads = 4, kRounds = 60 };

static int made;

static void* work(void* number) {
  long wrong = 0;
  for (int n = 0; n < kRounds; ++n) {
    int apart = (n + (long)number) % 2;
    void* handle =
        apart ? dlmopen(LM_ID_NEWLM, "libcounter.so", RTLD_NOW) : dlopen("libcounter.so", RTLD_NOW);
    if (!handle && apart) continue;
    if (!handle) give_up("cannot open", "libcounter.so");
    if (apart) __atomic_fetch_add(&made, 1, __ATOMIC_RELAXED);
    wrong += apart && answer(handle, "count_on") != 1;
    wrong += !unknown(handle, "nowhere") || space_of(handle) < apart;
    closed(handle);
  }
  return (void*)wrong;
}

int main(void) {
  pthread_t threads[kThreads];
  long wrong = 0;
  for (long n = 0; n < kThreads; ++n) threads[n] = started(work, (void*)n);
  for (int n = 0; n < kThreads; ++n) wrong += (long)joined(threads[n]);
  say_number("wrong", wrong);
  claim("namespaces were made", made > 0);
  return 0;
}
