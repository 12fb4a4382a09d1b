"""Thread-local storage: every model, alignment, initial contents, several modules, several threads."""

from sources import sources_of
from workshop.recipe import Library, Recipe, variants

_WITH_LIBC = ("musl", "glibc")

_CASES = sources_of(__file__)

_MODELS_PROGRAM = _CASES / "models.c"
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
    return Library(f"aligned{alignment}", _CASES / "libaligned.c",
                   compile=("-ftls-model=initial-exec", f"-DALIGNMENT={alignment}"))


def _aligned_program(alignment):
    return Recipe(f"every module's TLS is aligned as it asks and the program's to {alignment}", _CASES / "aligned.c",
                  tuple(map(_aligned_library, _ALIGNMENTS)), compile=(f"-DALIGNMENT={alignment}",),
                  linkers=("gnu", "lld") if alignment in (1, 64) else ("gnu",))


_ONLY_ZEROS = Recipe(
    "a module whose TLS is only zeros gets zeros", _CASES / "only_zeros.c",
    (Library("zeros", """
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
    "initial TLS contents that are addresses are relocated", _CASES / "addresses.c",
    (Library("addresses", _ADDRESSES_LIBRARY, compile=("-ftls-model=initial-exec",)),), compile=("-fPIC",),
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
    "the program's definition of a TLS variable wins over its library's", _CASES / "interposed.c",
    (Library("shared", "__thread int shared = 2;\nint shared_in_library(void) { return shared; }\n",
              compile=("-ftls-model=initial-exec",)),), shows=("in the library: 1", "after a change: 6"))

_THREAD_LIBRARY = """
__thread int {name} = {value};
static __thread char text_{name}[8] = "{name}";
int *{name}_address(void) {{ return &{name}; }}
char *{name}_text(void) {{ return text_{name}; }}
"""
_THREADS = Recipe(
    "each thread starts with the initial TLS of every module", _CASES / "threads.c",
    (Library("first", _THREAD_LIBRARY.format(name="first", value=10)),
      Library("second", _THREAD_LIBRARY.format(name="second", value=20))), link=("-pthread",), libcs=_WITH_LIBC,
    linkers=("gnu", "lld"), shows=("main's own: 50", "main's first: 51", "main's second: 52", "second: 20"))

_ERRNO = Recipe(
    "each thread has its own errno", _CASES / "errno.c", libcs=_WITH_LIBC, link=("-pthread",), shows=("fresh: 0",))

_KEYS = Recipe(
    "destructors of thread-specific data run when the thread ends",
    _CASES / "keys.c", libcs=_WITH_LIBC, link=("-pthread",), shows=("gone: 5",))

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
