"""Thread-local storage: every model, alignment, initial contents, several modules, several threads."""

from workshop.recipe import Library, Recipe, variants

_WITH_LIBC = ("musl", "glibc")

_MODELS_PROGRAM = """
#include "observe.h"
static __thread int own = 11;
__thread int exported = 12;
extern __thread int from_library;
int *address_in_library(void);
int static_in_library(int);
int program_variable_in_library(void);
int main(void) {
  say_number("own", own);
  say_number("from the library", from_library);
  claim("both see one variable", &from_library == address_in_library());
  from_library = 77;
  say_number("as the library sees it", *address_in_library());
  say_number("static in the library", static_in_library(5));
  say_number("static in the library, again", static_in_library(0));
  exported = 13;
  say_number("the program's, in the library", program_variable_in_library());
  return 0;
}
"""
_MODELS_LIBRARY = """
__thread int from_library = 21;
extern __thread int exported;
static __thread int first = 31, second = 32;
int *address_in_library(void) { return &from_library; }
int static_in_library(int change) { first += change; second -= change; return first * 100 + second; }
int program_variable_in_library(void) { return exported; }
"""
_MODELS_SHOW = ("own: 11", "from the library: 21", "as the library sees it: 77", "static in the library: 3627",
                "the program's, in the library: 13")


def _models(name, flags, **choices):
    return Recipe(name, _MODELS_PROGRAM, (Library("models", _MODELS_LIBRARY, compile=flags),), shows=_MODELS_SHOW,
                  **choices)


_KNOWN_MODELS = """own: 11
from the library: 21
both see one variable: yes
as the library sees it: 77
static in the library: 3627
static in the library, again: 3627
the program's, in the library: 13
"""
# glibc's loader exports __tls_get_addr only to programs that need it by name, so without libc nobody can be asked.
_UNASKED = {"libcs": ("none",), "known": _KNOWN_MODELS, "link": ("-Wl,--allow-shlib-undefined",)}

_ALIGNMENTS = (1, 2, 4, 8, 16, 32, 64, 4096)


def _aligned_library(alignment):
    return Library(f"aligned{alignment}", f"""
static __thread char before = {alignment % 100};
__thread __attribute__((aligned({alignment}))) char aligned{alignment}[{alignment}] = {{{alignment % 127}}};
static __thread __attribute__((aligned({alignment}))) char empty[3];
int check{alignment}(void) {{
  return (unsigned long)aligned{alignment} % {alignment} == 0 && aligned{alignment}[0] == {alignment % 127} &&
         (unsigned long)empty % {alignment} == 0 && empty[0] == 0 && before == {alignment % 100};
}}
""", compile=("-ftls-model=initial-exec",))


def _aligned_program(alignment):
    declarations = "".join(f"int check{n}(void);\n" for n in _ALIGNMENTS)
    claims = "".join(f'  claim("library aligned to {n}", check{n}());\n' for n in _ALIGNMENTS)
    return Recipe(f"every module's TLS is aligned as it asks and the program's to {alignment}", f"""
#include "observe.h"
static __thread char before = 1;
static __thread __attribute__((aligned({alignment}))) char data[5] = "four";
static __thread __attribute__((aligned({alignment}))) char empty[3];
{declarations}
int main(void) {{
  claim("program's data", OPAQUE((unsigned long)data) % {alignment} == 0 && same_text(data, "four") && before == 1);
  claim("program's zeros", OPAQUE((unsigned long)empty) % {alignment} == 0 && empty[0] == 0);
{claims}  return 0;
}}
""", tuple(map(_aligned_library, _ALIGNMENTS)), linkers=("gnu", "lld") if alignment in (1, 64) else ("gnu",))


_ONLY_ZEROS = Recipe(
    "a module whose TLS is only zeros gets zeros", """
#include "observe.h"
static __thread long zeros[300];
long sum_in_library(void);
int main(void) {
  long sum = 0;
  long *from = OPAQUE(&zeros[0]);
  for (int n = 0; n < 300; ++n) sum += from[n];
  say_number("sum in the program", sum);
  say_number("sum in the library", sum_in_library());
  return 0;
}
""", (Library("zeros", """
static __thread long zeros[500];
long sum_in_library(void) {
  long sum = 0;
  for (int n = 0; n < 500; ++n) sum += zeros[n];
  return sum;
}
""", compile=("-ftls-model=initial-exec",)),), shows=("sum in the program: 0", "sum in the library: 0"))

_ADDRESSES_LIBRARY = """
extern int shared_number;
int library_number = 5;
__thread int *own_address = &library_number;
__thread int *other_address = &shared_number;
int **own_in_library(void) { return &own_address; }
int **other_in_library(void) { return &other_address; }
"""
_ADDRESSES = Recipe(
    "initial TLS contents that are addresses are relocated", """
#include "observe.h"
int shared_number = 8;
static __thread int *in_program = &shared_number;
int **own_in_library(void);
int **other_in_library(void);
extern int library_number;
int main(void) {
  claim("program", OPAQUE(in_program) == &shared_number);
  claim("library, itself", *own_in_library() == &library_number);
  claim("library, program", *other_in_library() == &shared_number);
  return 0;
}
""", (Library("addresses", _ADDRESSES_LIBRARY, compile=("-ftls-model=initial-exec",)),), compile=("-fPIC",),
    linkers=("gnu", "lld"))


def _many_library(number):
    return Library(f"many{number}", f"""
static __thread int data{number} = {number};
__thread int zero{number};
int next{number}(void) {{ zero{number} += {number}; return data{number}++ * 1000 + zero{number}; }}
""", compile=("-ftls-model=initial-exec",))


_MANY = Recipe(
    "twenty libraries each have their own TLS", """
#include "observe.h"
""" + "".join(f"int next{n}(void);\n" for n in range(20)) + """
int main(void) {
""" + "".join(f'  next{n}();\n  say_number("library {n}", next{n}());\n' for n in range(20)) + """
  return 0;
}
""", tuple(map(_many_library, range(20))), shows=("library 19: 20038",))

_IN_CONSTRUCTOR = Recipe(
    "a constructor can use the TLS of its own and of another library", """
#include "observe.h"
int seen(void);
int main(void) { say_number("seen in main", seen()); return 0; }
""", (Library("lower", """
__thread int lower = 40;
__attribute__((constructor)) static void begin(void) { ++lower; }
""", compile=("-ftls-model=initial-exec",)), Library("upper", """
extern __thread int lower;
static __thread int upper = 100;
__attribute__((constructor)) static void begin(void) { upper += lower; }
int seen(void) { return upper; }
""", needs=("lower",), compile=("-ftls-model=initial-exec",))), shows=("seen in main: 141",))

_INTERPOSED = Recipe(
    "the program's definition of a TLS variable wins over its library's", """
#include "observe.h"
__thread int shared = 1;
int shared_in_library(void);
int main(void) {
  say_number("in the library", shared_in_library());
  shared = 6;
  say_number("after a change", shared_in_library());
  return 0;
}
""", (Library("shared", "__thread int shared = 2;\nint shared_in_library(void) { return shared; }\n",
              compile=("-ftls-model=initial-exec",)),), shows=("in the library: 1", "after a change: 6"))

_THREAD_LIBRARY = """
__thread int {name} = {value};
static __thread char text_{name}[8] = "{name}";
int *{name}_address(void) {{ return &{name}; }}
char *{name}_text(void) {{ return text_{name}; }}
"""
_THREADS = Recipe(
    "each thread starts with the initial TLS of every module", """
#include <pthread.h>
#include "observe.h"
static __thread int own = 1;
static __thread __attribute__((aligned(64))) int aligned = 2;
int *first_address(void); int *second_address(void);
char *first_text(void); char *second_text(void);
static void *look(void *number) {
  say_number("thread", (long)number);
  say_number("own", own);
  say_number("first", *first_address());
  say_number("second", *second_address());
  claim("texts", same_text(first_text(), "first") && same_text(second_text(), "second"));
  claim("aligned", OPAQUE((unsigned long)&aligned) % 64 == 0 && aligned == 2);
  own = *first_address() = *second_address() = 1000;
  first_text()[0] = 'x';
  return &own;
}
int main(void) {
  own = 50; *first_address() = 51; *second_address() = 52; second_text()[0] = 'y'; aligned = 9;
  for (long number = 0; number < 3; ++number) {
    pthread_t thread;
    void *address;
    pthread_create(&thread, 0, look, (void *)number);
    pthread_join(thread, &address);
    claim("another address", address != &own);
  }
  say_number("main's own", own);
  say_number("main's first", *first_address());
  say_number("main's second", *second_address());
  claim("main's text", same_text(first_text(), "first"));
  return 0;
}
""", (Library("first", _THREAD_LIBRARY.format(name="first", value=10)),
      Library("second", _THREAD_LIBRARY.format(name="second", value=20))), link=("-pthread",), libcs=_WITH_LIBC,
    linkers=("gnu", "lld"), shows=("main's own: 50", "main's first: 51", "main's second: 52", "second: 20"))

_ERRNO = Recipe(
    "each thread has its own errno", """
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>
#include "observe.h"
static volatile int may_fail, has_failed;
static void *fail(void *unused) {
  (void)unused;
  while (!may_fail) sched_yield();
  say_number("fresh", errno);
  close(-1);
  claim("bad descriptor in the thread", errno == EBADF);
  has_failed = 1;
  return 0;
}
int main(void) {
  pthread_t thread;
  pthread_create(&thread, 0, fail, 0);
  errno = ENOENT;
  may_fail = 1;
  while (!has_failed) sched_yield();
  claim("main's is unchanged", errno == ENOENT);
  pthread_join(thread, 0);
  return 0;
}
""", libcs=_WITH_LIBC, link=("-pthread",), shows=("fresh: 0",))

_KEYS = Recipe(
    "destructors of thread-specific data run when the thread ends", """
#include <pthread.h>
#include "observe.h"
static pthread_key_t key;
static void gone(void *value) { say_number("gone", (long)value); }
static void *set(void *value) { pthread_setspecific(key, value); say("set"); return 0; }
int main(void) {
  pthread_t thread;
  pthread_key_create(&key, gone);
  pthread_create(&thread, 0, set, (void *)5);
  pthread_join(thread, 0);
  say("joined");
  return 0;
}
""", libcs=_WITH_LIBC, link=("-pthread",), shows=("gone: 5",))

RECIPES = [
    _models("initial-exec TLS is found in both directions", ("-ftls-model=initial-exec",), linkers=("gnu", "lld"),
            compilers=("gcc", "clang")),
    _models("dynamic TLS by descriptors is found in both directions on x86_64", ("-mtls-dialect=gnu2",),
            machines=("x86_64",), libcs=("none", "glibc"), linkers=("gnu", "lld")),
    _models("dynamic TLS by descriptors is found in both directions on aarch64", ("-mtls-dialect=desc",),
            machines=("aarch64",), linkers=("gnu", "lld")),
    _models("dynamic TLS by calls is found in both directions on x86_64", (), machines=("x86_64",), libcs=_WITH_LIBC,
            linkers=("gnu", "lld"), compilers=("gcc", "clang")),
    _models("dynamic TLS by calls is found in both directions on aarch64", ("-mtls-dialect=trad",),
            machines=("aarch64",), libcs=_WITH_LIBC),
    _models("dynamic TLS by calls works without libc on x86_64", (), machines=("x86_64",), **_UNASKED),
    _models("dynamic TLS by calls works without libc on aarch64", ("-mtls-dialect=trad",), machines=("aarch64",),
            **_UNASKED),
    *map(_aligned_program, (1, 16, 64, 4096)),
    variants(_ONLY_ZEROS, linkers=("gnu", "lld")),
    _ADDRESSES, _MANY, _IN_CONSTRUCTOR, _INTERPOSED, _THREADS, _ERRNO, _KEYS,
]
