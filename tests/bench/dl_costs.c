/* What calls into the loader cost while a program runs: one line each, "NAME NANOSECONDS", the quickest of a few turns.
   Beside it: costs_library.c as libcosts-started.so, which it is linked with, libcosts-opened.so, -described.so (TLS
   descriptors) and -other.so. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int next_started(void);

static void *handle;
static int (*next_opened)(void), (*next_described)(void);
static volatile int sink;

static void *opened(const char *name) {
  void *found = dlopen(name, RTLD_NOW);
  if (!found) fprintf(stderr, "%s\n", dlerror()), exit(1);
  return found;
}

static int visit(struct dl_phdr_info *information, size_t size, void *data) {
  return (void)information, (void)size, (void)data, 0;
}

static void use_opened(void) { sink = next_opened(); }
static void use_described(void) { sink = next_described(); }
static void use_started(void) { sink = next_started(); }
static void ask_handle(void) { sink = dlsym(handle, "f7") != 0; }
static void ask_default(void) { sink = dlsym(RTLD_DEFAULT, "strlen") != 0; }
static void ask_next(void) { sink = dlsym(RTLD_NEXT, "strlen") != 0; }
static void ask_in_vain(void) { sink = dlsym(handle, "nothing") != 0 || !dlerror(); }
static void open_again(void) { dlclose(opened("libcosts-opened.so")); }
static void open_anew(void) { dlclose(opened("libcosts-other.so")); }
static void ask_address(void) {
  Dl_info information;
  sink = dladdr((void *)next_opened, &information);
}
static void iterate(void) { sink = dl_iterate_phdr(visit, 0); }
static void find_object(void) {
  struct dl_find_object found;
  sink = _dl_find_object((void *)next_opened, &found);
}

static const struct {
  const char *name;
  void (*function)(void);
  int count;
} kCosts[] = {
    {"tls-opened", use_opened, 300000},       {"tls-descriptor", use_described, 300000},
    {"tls-started", use_started, 300000},     {"dlsym-handle", ask_handle, 30000},
    {"dlsym-default", ask_default, 30000},    {"dlsym-next", ask_next, 30000},
    {"dlsym-in-vain", ask_in_vain, 10000},    {"open-again", open_again, 1000},
    {"open-and-close", open_anew, 100},       {"dladdr", ask_address, 10000},
    {"dl_iterate_phdr", iterate, 30000},      {"_dl_find_object", find_object, 100000},
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double one_turn(int cost) {
  double start = now();
  for (int n = 0; n < kCosts[cost].count; ++n) kCosts[cost].function();
  return (now() - start) / kCosts[cost].count;
}

int main(void) {
  enum { kTurns = 7 };
  handle = opened("libcosts-opened.so");
  next_opened = (int (*)(void))dlsym(handle, "next");
  next_described = (int (*)(void))dlsym(opened("libcosts-described.so"), "next");
  if (!next_opened || !next_described) return 1;
  for (unsigned cost = 0; cost < sizeof kCosts / sizeof *kCosts; ++cost) {
    double best = one_turn((int)cost);
    for (int turn = 1; turn < kTurns; ++turn) {
      double time = one_turn((int)cost);
      if (time < best) best = time;
    }
    printf("%s %.2f\n", kCosts[cost].name, best);
  }
  return 0;
}
