"""IFUNC: functions whose address a resolver chooses at start. musl has none, so without libc and with glibc only."""

from sources import sources_of
from workshop.recipe import Library, Recipe

_CASES = sources_of(__file__)

_LIBCS = ("none", "glibc")

_CHOSEN = """
static int chosen_one(void) { return 1; }
static int chosen_two(void) { return 2; }
int choice = 2;
static int (*resolve_chosen(void))(void) { return choice == 2 ? chosen_two : chosen_one; }
int chosen(void) __attribute__((ifunc("resolve_chosen")));
"""
_IN_PROGRAM = _CASES / "in_program.c"
_CALLER = Library("caller", """
int chosen(void);
int in_library(void) { return chosen(); }
int (*address_in_library(void))(void) { return chosen; }
""")


def _in_program(name, **choices):
    return Recipe(name, _IN_PROGRAM, (_CALLER,), libcs=_LIBCS, link=("-Wl,--export-dynamic",), **choices)


# glibc's loader resolves while it relocates: it calls resolvers of programs and libraries that are not relocated yet,
# and refuses or crashes. Ours resolves last, so all of these are well defined.
_BEYOND_GLIBC = """called: 2
by the table: 2
by the library: 2
one address: yes
one address in the table: yes
"""

_IN_LIBRARY = _CASES / "in_library.c"


def _in_library(pie, who):
    return Recipe(f"{who} calls an IFUNC of its library", _IN_LIBRARY,
                  (Library("chooser", _CHOSEN + "int own_call(void) { return chosen(); }\n"
                           "int (*own_address(void))(void) { return chosen; }\n"),), pie=pie, libcs=_LIBCS,
                  linkers=("gnu", "lld"), shows=("by the program: 2", "by its library: 2"))


_LOCAL = Recipe(
    "a static IFUNC is resolved where it is called and where its address is stored", """
#include "observe.h"
int static_call(void);
int stored_call(void);
int main(void) {
  say_number("called", static_call());
  say_number("stored", stored_call());
  return 0;
}
""", (Library("local", _CASES / "liblocal.c"),), libcs=_LIBCS, linkers=("gnu", "lld"), shows=("called: 2", "stored: 2"))

_RESOLVER_CALLS = Recipe(
    "a resolver can call a function of a library that its own library needs", """
#include "observe.h"
int chosen(void);
int main(void) { say_number("chosen", chosen()); return 0; }
""", (Library("lower", "int level = 3;\nint *pointer = &level;\nint ask_level(void) { return *pointer; }\n"),
      Library("upper", """
int ask_level(void);
static int low(void) { return 1; }
static int high(void) { return 3; }
static int (*resolve(void))(void) { return ask_level() == 3 ? high : low; }
int chosen(void) __attribute__((ifunc("resolve")));
""", needs=("lower",))), needs=("upper",), libcs=_LIBCS, shows=("chosen: 3",))

_USED_BY_OTHER = Recipe(
    "a library bound before the one with the IFUNC still gets the resolver's choice", """
#include "observe.h"
int asked(void);
int main(void) { say_number("asked", asked()); return 0; }
""", (Library("chooser", _CHOSEN), Library("asker", """
int chosen(void);
int (*stored)(void) = chosen;
int asked(void) { return chosen() * 10 + stored(); }
""")), needs=("chooser", "asker"), libcs=_LIBCS, linkers=("gnu", "lld"), known="asked: 22\n", newer_libcs=False)

# systemd's tables of functions name strcmp, which is an IFUNC of libc; its programs hold copies of them.
_COPIED = Recipe(
    "a copied table has the resolver's choice", _CASES / "copied.c",
    (Library("lower", _CHOSEN), Library("upper", """
int chosen(void);
static int before(void) { return 10; }
static int after(void) { return 30; }
struct functions { int (*before)(void), (*chosen)(void), (*after)(void); } table = {before, chosen, after};
struct functions *table_in_library(void) { return &table; }
""", needs=("lower",))), needs=("upper",), pie=False, libcs=_LIBCS, linkers=("gnu", "lld"),
    shows=("one table: yes", "before: 10", "chosen: 2", "after: 30"))

_ARGUMENTS = Recipe(
    "an aarch64 resolver is told what the processor can",
    _CASES / "arguments.c", libcs=("glibc",), machines=("aarch64",), shows=("chosen: 1",))

_CPU = Recipe(
    "a resolver can ask the compiler's run time what the processor can", _CASES / "cpu.c",
    (Library("clones", """
__attribute__((target_clones("avx2", "sse4.2", "default"))) int sum_in_library(const int *numbers, int count) {
  int total = 0;
  for (int n = 0; n < count; ++n) total += numbers[n];
  return total;
}
"""),), libcs=("glibc",), machines=("x86_64",), shows=("program: 45", "library: 45"))

_LIBM = Recipe(
    "functions of libm that libm chooses by the processor give right results", """
#include <math.h>
#include <stdio.h>
int main(void) {
  volatile double two = 2, half = 0.5;
  printf("%.6f %.6f %.6f %.6f %.6f\\n", sin(two), exp(half), pow(two, half), floor(two + half), fma(two, two, half));
  return 0;
}
""", libcs=("glibc", "musl"), link=("-lm",), shows=("0.909297 1.648721 1.414214 2.000000 4.500000",))

_KINDS = ((True, "a position-independent program"), (False, "a program at a fixed address"))
RECIPES = [
    _in_program("a position-independent program defines an IFUNC that its library calls", compile=("-fPIC",),
                linkers=("gnu", "lld"), known=_BEYOND_GLIBC, newer_libcs=False),
    _in_program("a program at a fixed address defines an IFUNC that its library calls, on x86_64", pie=False,
                machines=("x86_64",), linkers=("gnu", "lld"), shows=("by the library: 2",)),
    # GNU ld gives such a function two addresses on aarch64.
    _in_program("a program at a fixed address defines an IFUNC that its library calls, on aarch64", pie=False,
                machines=("aarch64",), linkers=("lld",), shows=("by the library: 2",)),
    *(_in_library(*kind) for kind in _KINDS), _LOCAL, _RESOLVER_CALLS, _USED_BY_OTHER, _COPIED, _ARGUMENTS,
    _CPU, _LIBM,
]
