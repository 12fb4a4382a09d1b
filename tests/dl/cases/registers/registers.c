// Fills every register, uses a TLS descriptor by the probe of its machine, and tells which
// registers it changed.

#include "opens.h"

struct Registers {
  uint64_t general[32];
  uint64_t vector[32][8];
  uint64_t mask[8];
};

typedef void Probe(const struct Registers* before, struct Registers* after);
#if defined __x86_64__
enum { kFirst = 1, kLast = 15 };

/* The widest form this processor has, and how many words of how many vector registers it fills. */
static const char* probe_name(int* vectors, int* words) {
  *vectors = 16;
  if (__builtin_cpu_supports("avx512f")) return *vectors = 32, *words = 8, "probe_avx512";
  if (__builtin_cpu_supports("avx")) return *words = 4, "probe_avx";
  return *words = 2, "probe_sse";
}

static int is_kept(int number) { return number != 5; } /* the stack pointer */
#else
enum { kFirst = 2, kLast = 29 };

static const char* probe_name(int* vectors, int* words) {
  return *vectors = 32, *words = 2, "probe";
}

static int is_kept(int number) { return 1; }
#endif
static void compare(const char* when, Probe* probe) {
  static struct Registers before, after;
  int vectors, words, general = 0, vector = 0, mask = 0;
  const char* name = probe_name(&vectors, &words);
  uint64_t *slots = (uint64_t*)&before, seed = 88172645463325252u;
  for (unsigned n = 0; n < sizeof before / 8; ++n)
    slots[n] = seed = seed * 6364136223846793005u + 1442695040888963407u;
  memset(&after, 0, sizeof after);
  probe(&before, &after);
  for (int n = kFirst; n <= kLast; ++n)
    general += is_kept(n) && before.general[n] != after.general[n];
  for (int n = 0; n < vectors; ++n)
    vector += memcmp(before.vector[n], after.vector[n], 8 * words) != 0;
  if (strcmp(name, "probe_avx512") == 0)
    for (int n = 0; n < 8; ++n) mask += (before.mask[n] & 0xffff) != after.mask[n];
  say_text("when", when);
  say_number("value", after.general[0]);
  say_number("general registers changed", general);
#ifndef ONLY_GENERAL
  say_number("vector registers changed", vector + mask);
#endif
}

static Probe* found_probe(void* handle) {
  int vectors, words;
  return (Probe*)found(handle, probe_name(&vectors, &words));
}

static void* work(void* handle) {
  compare("first use in a thread", found_probe(handle));
  compare("second use in it", found_probe(handle));
  return 0;
}

int main(void) {
  void* handle = opened("libprobe.so", RTLD_NOW);
  compare("first use", found_probe(handle));
  compare("second use", found_probe(handle));
  joined(started(work, handle));
  return 0;
}
