// Eight threads do everything there is to do with opened objects, as C and as C++.

#include "opens.h"

// What the compiler's atomics ask for, by glibc's name.
#if defined __aarch64__ && defined LIBC_MUSL
#include <sys/auxv.h>

LINKAGE unsigned long __getauxval(unsigned long type) { return getauxval(type); }
#endif

enum { kGuests = 6, kThreads = 8 };

enum Deed { kOpen, kLookUp, kWalk, kThrow, kStorage, kBirth, kError, kDeeds };

static long done[kDeeds], wrong;
static int stop;
static void* host;

static void add(long* counter) { __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED); }

static void expect(int holds) {
  if (!holds) add(&wrong);
}

static void open_guest(unsigned number) {
  char name[40];
  snprintf(name, sizeof name, "libguest%u.so", number % kGuests);
  void* handle = opened(name, RTLD_NOW | (number % 3 ? RTLD_LOCAL : RTLD_GLOBAL));
  expect(answer(handle, "guest") >= (int)(number % kGuests) * 100 + 1);
  expect(answer(handle, "below") == 5);
  closed(handle);
}

static void look_up(unsigned number) {
  Dl_info information;
  void* address = dlsym(host, "host");
  expect(address && ((int (*)(void))address)() == 77);
  expect(dladdr(address, &information) && strstr(information.dli_fname, "libhost.so"));
  expect(dlsym(RTLD_DEFAULT, number % 2 ? "strlen" : "dlopen") != 0);
}

static int see(struct dl_phdr_info* information, size_t size, void* seen) {
  (void)size;
  *(int*)seen += strstr(information->dlpi_name, "libhost.so") != 0;
  return 0;
}

static void walk(unsigned number) {
  int seen = 0;
  (void)number;
  dl_iterate_phdr(see, &seen);
  expect(seen == 1);
}

static void throw_and_catch(unsigned number) {
#ifdef __cplusplus
  auto passes = (int (*)(int (*)(int), int))found(host, "passes");
  int caught = -1;
  try {
    passes([](int value) -> int { throw value; }, number);
  } catch (int value) {
    caught = value;
  }
  expect(caught == (int)number);
#else
  (void)number;
#endif
}

static void use_storage(unsigned number) {
  int (*next)(void) = (int (*)(void))found(host, "next");
  int before = next();
  expect(before > 50 && next() == before + 1);
  (void)number;
}

static void* newborn(void* number) {
  expect(answer(host, "next") == 51);
  open_guest((unsigned)(uintptr_t)number);
  return 0;
}

static void give_birth(unsigned number) { joined(started(newborn, (void*)(uintptr_t)number)); }

static void provoke_error(unsigned number) {
  char name[40];
  snprintf(name, sizeof name, "libmissing%u.so", number);
  expect(dlopen(name, RTLD_NOW) == 0);
  const char* text = dlerror();
  expect(text && strstr(text, name));
}

static void (*const deeds[kDeeds])(unsigned) = {
    open_guest, look_up, walk, throw_and_catch, use_storage, give_birth, provoke_error};

/* Each thread does everything, in an order of its own. */
static void* work(void* seed) {
  unsigned state = (unsigned)(uintptr_t)seed * 2654435761u + 1;
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    state = state * 1664525u + 1013904223u;
    unsigned deed = (state >> 16) % kDeeds;
    deeds[deed](state >> 20);
    add(&done[deed]);
  }
  return 0;
}

int main(int argc, char** argv) {
  int seconds = atoi(argv[1]), limit = atoi(argv[2]), most_mappings = atoi(argv[3]);
  pthread_t threads[kThreads];
  host = opened("libhost.so", RTLD_NOW);
  for (long n = 0; n < kThreads; ++n) threads[n] = started(work, (void*)n);
  usleep(seconds * 400000);
  int mappings = mappings_of("");
  long resident = resident_kib();
  usleep(seconds * 600000);
  long growth = resident_kib() - resident;
  int more = mappings_of("") - mappings;
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (int n = 0; n < kThreads; ++n) joined(threads[n]);
  if (growth >= limit) say_number("KiB more", growth);
  claim("no growth of memory", growth < limit);
  if (more >= most_mappings) say_number("mappings more", more);
  claim("no growth of mappings", more < most_mappings);
  for (int deed = 0; deed < kDeeds; ++deed) claim("done", done[deed] > 10);
  say_number("wrong", wrong);
  return 0;
}
