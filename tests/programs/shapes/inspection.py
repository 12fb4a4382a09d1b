"""Programs that look at themselves, and that notice what is wrong with them."""

from sources import sources_of
from workshop.recipe import Library, Recipe

_CASES = sources_of(__file__)

_WITH_LIBC = ("musl", "glibc")


def _plain(name, program, **choices):
    """One program that uses libc; no library of its own."""
    return Recipe(name, program, **{"libcs": _WITH_LIBC, **choices})


_LISTED = Recipe(
    "dl_iterate_phdr lists the program, its library and libc once, where they are", _CASES / "listed.c",
    (Library("listed", "int in_library(void) { return 1; }\n"),), compile=("-fPIC",), libcs=("glibc",),
    shows=("found: 1",))

_DLADDR = Recipe(
    "dladdr names functions of the program and of its library",
    _CASES / "dladdr.c", (Library("listed", "int in_library(void) { return 1; }\n"),), compile=("-fPIC",),
    link=("-Wl,--export-dynamic",), libcs=_WITH_LIBC, shows=("program: in_program", "library: in_library"))

_BACKTRACE = Recipe("backtrace crosses a library", """
#include <execinfo.h>
#include "observe.h"
int through(int (*function)(void));
static int inside(void) {
  void *frames[30];
  return backtrace(frames, 30);
}
int main(void) { say_number("more frames through the library", through(inside) - inside()); return 0; }
""", (Library("through", "int through(int (*function)(void)) { return function() + 0; }\n"),), libcs=("glibc",),
    machines=("x86_64",))

_STACK_PROTECTOR = _plain(
    "a smashed stack is noticed", _CASES / "stack_protector.c",
    libcs=("glibc",), compile=("-fstack-protector-all", "-Wno-stringop-overflow"), status=-6, shows=("before",),
    machines=("x86_64",))

_CANARY = Recipe("a library's stack protector sees one canary before and after start-up", """
#include "observe.h"
int deep(int depth);
int main(void) { say_number("deep", deep(10)); return 0; }
""", (Library("guarded", """
__attribute__((noinline)) int deep(int depth) {
  char room[64];
  __asm__ volatile("" : : "r"(room) : "memory");
  return depth ? deep(depth - 1) + 1 : 0;
}
__attribute__((constructor)) static void begin(void) { deep(3); }
"""),), libcs=_WITH_LIBC, compile=("-fstack-protector-all",), shows=("deep: 10",))

_ABORTS = _plain(
    "a failed assertion ends the program by SIGABRT",
    _CASES / "aborts.c", status=-6, shows=("before",), machines=("x86_64",))

RECIPES = [
    _LISTED, _DLADDR, _BACKTRACE, _STACK_PROTECTOR, _CANARY, _ABORTS,
]
