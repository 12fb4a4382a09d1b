"""Eight threads open, close, look up, walk, throw, use TLS and start threads: no crash, no wrong answer, no growth."""

import dataclasses

import own_dlopen
import pytest
from openings.common import opening
from process import environment, run
from workshop import builder, places
from workshop.recipe import Library
from workshop.toolchain import Toolchain

SHORT, LONG = 5, 60

PROGRAM = """
#if defined __aarch64__ && defined LIBC_MUSL /* what the compiler's atomics ask for, by glibc's name */
#include <sys/auxv.h>
LINKAGE unsigned long __getauxval(unsigned long type) { return getauxval(type); }
#endif
enum { kGuests = 6, kThreads = 8 };
enum Deed { kOpen, kLookUp, kWalk, kThrow, kStorage, kBirth, kError, kDeeds };
static long done[kDeeds], wrong;
static int stop;
static void *host;
static void add(long *counter) { __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED); }
static void expect(int holds) { if (!holds) add(&wrong); }

static void open_guest(unsigned number) {
  char name[40];
  snprintf(name, sizeof name, "libguest%u.so", number % kGuests);
  void *handle = opened(name, RTLD_NOW | (number % 3 ? RTLD_LOCAL : RTLD_GLOBAL));
  expect(answer(handle, "guest") >= (int)(number % kGuests) * 100 + 1);
  expect(answer(handle, "below") == 5);
  closed(handle);
}
static void look_up(unsigned number) {
  Dl_info information;
  void *address = dlsym(host, "host");
  expect(address && ((int (*)(void))address)() == 77);
  expect(dladdr(address, &information) && strstr(information.dli_fname, "libhost.so"));
  expect(dlsym(RTLD_DEFAULT, number % 2 ? "strlen" : "dlopen") != 0);
}
static int see(struct dl_phdr_info *information, size_t size, void *seen) {
  (void)size;
  *(int *)seen += strstr(information->dlpi_name, "libhost.so") != 0;
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
  try { passes([](int value) -> int { throw value; }, number); } catch (int value) { caught = value; }
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
static void *newborn(void *number) {
  expect(answer(host, "next") == 51);
  open_guest((unsigned)(uintptr_t)number);
  return 0;
}
static void give_birth(unsigned number) { joined(started(newborn, (void *)(uintptr_t)number)); }
static void provoke_error(unsigned number) {
  char name[40];
  snprintf(name, sizeof name, "libmissing%u.so", number);
  expect(dlopen(name, RTLD_NOW) == 0);
  const char *text = dlerror();
  expect(text && strstr(text, name));
}
static void (*const deeds[kDeeds])(unsigned) = {open_guest, look_up,    walk,         throw_and_catch,
                                                use_storage, give_birth, provoke_error};

/* Each thread does everything, in an order of its own. */
static void *work(void *seed) {
  unsigned state = (unsigned)(uintptr_t)seed * 2654435761u + 1;
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    state = state * 1664525u + 1013904223u;
    unsigned deed = (state >> 16) % kDeeds;
    deeds[deed](state >> 20);
    add(&done[deed]);
  }
  return 0;
}
int main(int argc, char **argv) {
  int seconds = atoi(argv[1]), limit = atoi(argv[2]), most_mappings = atoi(argv[3]);
  pthread_t threads[kThreads];
  host = opened("libhost.so", RTLD_NOW);
  for (long n = 0; n < kThreads; ++n) threads[n] = started(work, (void *)n);
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
"""
LIBRARIES = (
    Library("below", "int below(void) { return 5; }\n"),
    *(Library(f"guest{n}", f"""
#include <stdlib.h>
static __thread int own[{n * 3000 + 1}] = {{{n * 100}}};
static void *memory;
__attribute__((constructor)) static void begin(void) {{ memory = malloc(500); }}
__attribute__((destructor)) static void end(void) {{ free(memory); }}
int guest(void) {{ return ++own[0]; }}
""", needs=("below",)) for n in range(6)),
    Library("host", """
static __thread int count = 50;
int host(void) { return 77; }
int next(void) { return ++count; }
int passes(int (*function)(int), int argument) { return function(argument) + 1; }
""", compile=("-fexceptions",)))

IN_CPLUSPLUS = opening("stress", PROGRAM, *LIBRARIES, language="c++")
IN_C = opening("stress in C", PROGRAM, *LIBRARIES)
SANITIZED = dataclasses.replace(IN_CPLUSPLUS, name="stress under AddressSanitizer",
                                compile=("-fsanitize=address", "-g"), link=("-fsanitize=address", "-pthread"))
WANTED = "no growth of memory: yes\nno growth of mappings: yes\n" + 7 * "done: yes\n" + "wrong: 0\n"
GROWTH = 8192  # KiB: what stacks and heaps of threads that come and go may still take
MUCH = 1 << 30  # where resident memory says nothing: an emulator's, or a quarantine's, which also takes mappings
MAPPINGS = 200  # those of threads that come and go


def built(recipe, libc, machine):
    try:
        return builder.build(recipe, Toolchain(libc, machine, "gcc", "gnu"))
    except places.RootUnavailable as reason:
        pytest.skip(str(reason))


def stress(program, seconds, limit, before=(), mappings=MAPPINGS):
    # By the path of all: the sanitizer's dlopen stands between, so it is the caller whose RUNPATH counts.
    libraries = {"LD_LIBRARY_PATH": program.parents[1] / "lib"}
    if before[:2] == ("qemu-aarch64", "-L"):  # not for the emulator itself
        before, libraries = (*before, "-E", f"LD_LIBRARY_PATH={libraries['LD_LIBRARY_PATH']}"), {}
    words = [*before, program, str(seconds), str(limit), str(mappings)]
    result = run(words, timeout=seconds * 3 + 60, env=environment(**libraries))
    assert (result.status, result.out) == (0, WANTED), result


def emulated(libc):
    return "qemu-aarch64", "-L", str(places.system_folder(libc, "aarch64"))


def newer_glibc(libraries):
    """glibc before 2.39 mixes up descriptors when module numbers are used again (bug 29039): it cannot be asked."""
    try:
        newer = places.root("glibc-trixie-arm64")
    except places.RootUnavailable as reason:
        pytest.skip(str(reason))
    return "qemu-aarch64", newer.loader, "--library-path", f"{newer.library_path}:{libraries}"


both_libcs = pytest.mark.parametrize("recipe, libc", [(IN_CPLUSPLUS, "glibc"), (IN_C, "musl")], ids=["glibc", "musl"])
short_and_long = pytest.mark.parametrize("seconds", [SHORT, pytest.param(LONG, marks=pytest.mark.slow)])


@both_libcs
def test_stress_passes_under_libcs_own_loader(recipe, libc):
    stress(built(recipe, libc, "x86_64").normal, SHORT, GROWTH)


def test_stress_passes_under_musls_own_loader_on_aarch64():
    stress(built(IN_C, "musl", "aarch64").normal, SHORT, MUCH, before=emulated("musl"))


def test_stress_passes_under_a_newer_glibcs_own_loader_on_aarch64():
    program = built(IN_CPLUSPLUS, "glibc", "aarch64").normal
    stress(program, SHORT, MUCH, before=newer_glibc(program.parents[1] / "lib"))


@short_and_long
@both_libcs
def test_stress_passes_by_interpreter(recipe, libc, seconds):
    own_dlopen.require("x86_64")
    stress(built(recipe, libc, "x86_64").sealed, seconds, GROWTH)


@both_libcs
def test_stress_passes_by_command(recipe, libc):
    own_dlopen.require("x86_64")
    stress(built(recipe, libc, "x86_64").normal, SHORT, GROWTH, before=(places.loader_under_test("x86_64"),))


@both_libcs
def test_stress_passes_on_aarch64(recipe, libc):
    own_dlopen.require("aarch64")
    stress(built(recipe, libc, "aarch64").sealed, SHORT, MUCH, before=emulated(libc))


def test_stress_under_the_address_sanitizer_passes_under_libcs_own_loader():
    stress(built(SANITIZED, "glibc", "x86_64").normal, SHORT, MUCH, mappings=MUCH)


@short_and_long
def test_stress_passes_under_the_address_sanitizer(seconds):
    own_dlopen.require("x86_64")
    stress(built(SANITIZED, "glibc", "x86_64").sealed, seconds, MUCH, mappings=MUCH)
