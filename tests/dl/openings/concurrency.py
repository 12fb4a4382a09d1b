"""Opens, closes, look-ups, walks, first uses of TLS, thread births and exceptions, all at once."""

from workshop.recipe import Library

from .common import answers, opening, with_cplusplus

# Rounds are few under the emulator, whose threads take turns.
_TOGETHER = """
#include <stdatomic.h>
#if defined __x86_64__
enum { kRounds = 300 };
#else
enum { kRounds = 20 };
#endif
#if defined __aarch64__ && defined LIBC_MUSL /* what the compiler's atomics ask for, by glibc's name */
#include <sys/auxv.h>
unsigned long __getauxval(unsigned long type) { return getauxval(type); }
#endif
static atomic_int wrong, stop;
static void expect(int holds) { if (!holds) atomic_fetch_add(&wrong, 1); }
static void together(int count, void *(*work)(void *)) {
  pthread_t threads[16];
  for (long n = 0; n < count; ++n) threads[n] = started(work, (void *)n);
  for (int n = 0; n < count; ++n) joined(threads[n]);
}
static pthread_t in_background(void *(*work)(void *)) { atomic_store(&stop, 0); return started(work, 0); }
static void until_now(pthread_t thread) { atomic_store(&stop, 1); joined(thread); }
/* Opens and closes until it is told to stop. */
static void *come_and_go(void *unused) {
  for (int n = 0; !atomic_load(&stop); n = (n + 1) % 4) {
    char name[40];
    snprintf(name, sizeof name, "libguest%d.so", n);
    void *handle = opened(name, RTLD_NOW);
    expect(answer(handle, "guest") == n * 100 + 1);
    closed(handle);
  }
  return unused;
}
"""
GUESTS = tuple(Library(f"guest{n}", f"static __thread int own = {n * 100};\nint guest(void) {{ return own + 1; }}\n")
               for n in range(4))
_NONE_WRONG = {"shows": ("wrong: 0",)}


def together(name, program, *libraries, **choices):
    return opening(name, _TOGETHER + program, *libraries, **{**_NONE_WRONG, **choices})


def together_with_cplusplus(name, program, *libraries, **choices):
    shared = _TOGETHER.replace("#include <stdatomic.h>", "#include <atomic>\nusing namespace std;")
    return with_cplusplus(name, shared + program, *libraries, **{**_NONE_WRONG, **choices})


_ONE_OBJECT = together(
    "eight threads open and close one object", """
static void *work(void *unused) {
  for (int round = 0; round < kRounds; ++round) {
    void *handle = opened("libguest1.so", RTLD_NOW);
    expect(answer(handle, "guest") == 101);
    closed(handle);
  }
  return unused;
}
int main(void) {
  together(8, work);
  claim("not mapped", !is_mapped("libguest1.so"));
  say_number("wrong", wrong);
  return 0;
}
""", *GUESTS, libcs=("glibc",), newer_libcs=True)

_MUSL_ONE_OBJECT = together(
    "eight threads open and close objects under musl", """
static void *work(void *unused) {
  char name[40];
  for (int round = 0; round < kRounds; ++round) {
    snprintf(name, sizeof name, "libguest%d.so", round % 4);
    void *handle = opened(name, RTLD_NOW);
    expect(answer(handle, "guest") == round % 4 * 100 + 1);
    closed(handle);
  }
  return unused;
}
int main(void) {
  together(8, work);
  say_number("wrong", wrong);
  return 0;
}
""", *GUESTS, libcs=("musl",), newer_libcs=True)

_SHARED_BELOW = together(
    "threads that open and close different objects share what these need", """
static void *work(void *which) {
  char name[40];
  snprintf(name, sizeof name, "libuser%ld.so", (long)which);
  for (int round = 0; round < kRounds; ++round) {
    void *handle = opened(name, RTLD_NOW);
    expect(answer(handle, "user") == 40 + (int)(long)which);
    closed(handle);
  }
  return 0;
}
int main(void) {
  together(4, work);
  claim("nothing is left", !is_mapped("libuser") && !is_mapped("libbelow.so"));
  say_number("wrong", wrong);
  return 0;
}
""", answers("below", "below", 40),
    *(Library(f"user{n}", f"int below(void);\nint user(void) {{ return below() + {n}; }}\n", needs=("below",))
      for n in range(4)), libcs=("glibc",))

_LOOKUPS = together(
    "look-ups are right while other objects come and go", """
static void *handle;
static void *work(void *unused) {
  Dl_info information;
  for (int round = 0; round < kRounds * 10; ++round) {
    void *stable = dlsym(handle, "stable");
    expect(stable && ((int (*)(void))stable)() == 77);
    expect(dlsym(RTLD_DEFAULT, "strlen") != 0);
    expect(dlsym(handle, "no_such_thing") == 0 && dlerror() != 0);
    expect(dladdr(stable, &information) && strstr(information.dli_fname, "libstable.so"));
  }
  return unused;
}
int main(void) {
  handle = opened("libstable.so", RTLD_NOW);
  pthread_t guests = in_background(come_and_go);
  together(4, work);
  until_now(guests);
  say_number("wrong", wrong);
  return 0;
}
""", answers("stable", "stable", 77), *GUESTS)

_WALKS = together(
    "dl_iterate_phdr shows whole objects while others come and go", """
struct Walk { int objects, stable; unsigned long long live; };
static int look(struct dl_phdr_info *information, size_t size, void *argument) {
  struct Walk *walk = argument;
  int loads = 0, first = 1;
  (void)size;
  for (int n = 0; n < information->dlpi_phnum; ++n) {
    const ElfW(Phdr) *header = &information->dlpi_phdr[n];
    if (header->p_type != PT_LOAD) continue;
    ++loads;
    if (first && header->p_offset == 0) expect(memcmp((char *)information->dlpi_addr + header->p_vaddr, "\\177ELF", 4) == 0);
    first = 0;
  }
  expect(loads > 0 && information->dlpi_name != 0);
  walk->stable += strstr(information->dlpi_name, "libstable.so") != 0;
  walk->live = information->dlpi_adds - information->dlpi_subs;
  ++walk->objects;
  return 0;
}
static void *work(void *unused) {
  for (int round = 0; round < kRounds * 3; ++round) {
    struct Walk walk = {0, 0, 0};
    dl_iterate_phdr(look, &walk);
    expect(walk.stable == 1);
    expect(walk.objects >= 3);
  }
  return unused;
}
int main(void) {
  opened("libstable.so", RTLD_NOW);
  pthread_t guests = in_background(come_and_go);
  together(4, work);
  until_now(guests);
  say_number("wrong", wrong);
  return 0;
}
""", answers("stable", "stable", 77), *GUESTS)

COUNTER = Library("counter", "static __thread int count = 50;\nint next(void) { return ++count; }\n")
_STORAGE = together(
    "each thread's TLS of an open object is its own while others come and go", """
static int (*next)(void);
static void *work(void *unused) {
  for (int round = 1; round < kRounds * 20; ++round) expect(next() == 50 + round);
  return unused;
}
static void *births(void *unused) {
  for (int round = 0; round < kRounds; ++round) together(1, work);
  return unused;
}
int main(void) {
  next = (int (*)(void))found(opened("libcounter.so", RTLD_NOW), "next");
  pthread_t guests = in_background(come_and_go);
  together(4, work);
  births(0);
  until_now(guests);
  say_number("wrong", wrong);
  return 0;
}
""", COUNTER, *GUESTS, newer_libcs=True)

_BIRTHS = together(
    "threads are born and use a guest's TLS while it is opened and closed", """
static void *touch(void *handle) { expect(answer(handle, "guest") == 201); return 0; }
static void *work(void *unused) {
  for (int round = 0; round < kRounds; ++round) {
    void *handle = opened("libguest2.so", RTLD_NOW);
    joined(started(touch, handle));
    closed(handle);
  }
  return unused;
}
int main(void) {
  pthread_t guests = in_background(come_and_go);
  together(4, work);
  until_now(guests);
  say_number("wrong", wrong);
  return 0;
}
""", *GUESTS, libcs=("glibc",), newer_libcs=True)

_EXCEPTIONS = together_with_cplusplus(
    "exceptions find their way in many threads while objects come and go", """
static int (*catches)(int (*)(int), int);
static int thrown(int number) { throw number; }
static void *work(void *unused) {
  for (int round = 1; round < kRounds * 3; ++round) {
    expect(catches(thrown, round) == -round);
    try { thrown(round); } catch (int number) { expect(number == round); }
  }
  return unused;
}
int main() {
  catches = (int (*)(int (*)(int), int))found(opened("libcatcher.so", RTLD_NOW), "catches");
  pthread_t guests = in_background(come_and_go);
  together(6, work);
  until_now(guests);
  say_number("wrong", wrong);
  return 0;
}
""", Library("catcher", """
extern "C" int catches(int (*function)(int), int argument) {
  try { return function(argument); } catch (int number) { return -number; }
}
""", language="c++"), *GUESTS, newer_libcs=True)

_CONSTRUCTORS = together(
    "constructors that open other objects do so from many threads", """
static void *work(void *which) {
  char name[40];
  snprintf(name, sizeof name, "libopener%ld.so", (long)which % 2);
  for (int round = 0; round < kRounds; ++round) {
    void *handle = opened(name, RTLD_NOW);
    expect(answer(handle, "inside") == 1 + (int)((long)which % 2) * 100);
    closed(handle);
  }
  return 0;
}
int main(void) {
  together(6, work);
  claim("nothing is left", !is_mapped("libopener") && !is_mapped("libguest"));
  say_number("wrong", wrong);
  return 0;
}
""", *GUESTS, *(Library(f"opener{n}", f"""
#include <dlfcn.h>
static void *guest;
__attribute__((constructor)) static void begin(void) {{ guest = dlopen("libguest{n}.so", RTLD_NOW); }}
__attribute__((destructor)) static void end(void) {{ dlclose(guest); }}
int inside(void) {{ return ((int (*)(void))dlsym(guest, "guest"))(); }}
""") for n in range(2)), libcs=("glibc",))

_THREAD_IN_CONSTRUCTOR = together_with_cplusplus(
    "a constructor can wait for a thread that throws, walks the objects and uses TLS", """
int main() {
  say_number("seen", answer(opened("libstarter.so", RTLD_NOW), "seen"));
  say_number("wrong", wrong);
  return 0;
}
""", Library("starter", """
#include <link.h>
#include <pthread.h>
static thread_local int own[1000] = {5};
static int result;
static int count(struct dl_phdr_info *, size_t, void *objects) { ++*(int *)objects; return 0; }
static void *work(void *) {
  int objects = 0;
  dl_iterate_phdr(count, &objects);
  try { throw own[0]; } catch (int number) { result = number + (objects > 3); }
  return nullptr;
}
__attribute__((constructor)) static void begin() {
  pthread_t thread;
  pthread_create(&thread, nullptr, work, nullptr);
  pthread_join(thread, nullptr);
}
extern "C" int seen() { return result; }
""", language="c++"), shows=("seen: 6", "wrong: 0"))

_ERRORS = together(
    "each thread reads its own errors", """
static void *work(void *which) {
  char name[40];
  for (int round = 0; round < kRounds; ++round) {
    snprintf(name, sizeof name, "libmissing_%ld_%d.so", (long)which, round);
    expect(dlopen(name, RTLD_NOW) == 0);
    const char *text = dlerror();
    expect(text && strstr(text, name));
    expect(dlerror() == 0);
  }
  return 0;
}
int main(void) {
  together(8, work);
  say_number("wrong", wrong);
  return 0;
}
""")

RECIPES = [
    _ONE_OBJECT, _MUSL_ONE_OBJECT, _SHARED_BELOW, _LOOKUPS, _WALKS, _STORAGE, _BIRTHS, _EXCEPTIONS, _CONSTRUCTORS,
    _THREAD_IN_CONSTRUCTOR, _ERRORS,
]
