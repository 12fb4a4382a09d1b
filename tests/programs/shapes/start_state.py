"""What a program finds at its start: stack, arguments, environment, auxiliary vector, descriptors."""

from sources import sources_of
from workshop.recipe import Library, Recipe

_CASES = sources_of(__file__)

_WITH_LIBC = ("musl", "glibc")

_STACK = Recipe(
    "the stack at the entry point is aligned and begins with argc",
    _CASES / "stack.c", (Library("any", "int any;\n"),), libcs=("none",), arguments=("one", "two"))

_ARGUMENTS = Recipe(
    "arguments and environment arrive unchanged and in order", """
#include "observe.h"
int main(int argc, char **argv, char **environment) {
  say_number("argc", argc);
  for (int n = 1; n <= argc; ++n) say_text("argument", argv[n]);
  for (; *environment; ++environment) say_text("environment", *environment);
  return 0;
}
""", (Library("any", "int any;\n"),), arguments=("", "two words", "--list", "-x=\\n", "--", "ünïcode"),
    environment=(("EMPTY", ""), ("LD_BIND_NOW", "1"), ("LD_LIBRARY_PATH", "/nowhere:/neither"), ("A", "=b=c=")),
    shows=("argument: two words", "argument: --list", "environment: LD_LIBRARY_PATH=/nowhere:/neither",
           "environment: A==b=c="))


_AUXV_RIGHT = "".join(f"{name}: yes\n" for name in (
    "AT_PHDR", "AT_PHNUM", "AT_PHENT", "AT_ENTRY", "AT_RANDOM", "AT_PAGESZ")) + "AT_SECURE: 0\n"


def _auxv(name, **choices):
    return Recipe(name, _CASES / "auxv.c", (Library("any", "int any;\n"),), **choices)


def _described(program, **choices):
    """musl's loader, run as a command, lets the program see its own values: it can be asked only as PT_INTERP."""
    name = f"the auxiliary vector describes {program}"
    yield _auxv(name, libcs=("none", "glibc"), linkers=("gnu", "lld"), **choices)
    yield _auxv(f"{name} of musl", libcs=("musl",), launchers=("interp",), newer_libcs=False, **choices)
    yield _auxv(f"{name} of musl started by a command", libcs=("musl",), launchers=("command",), newer_libcs=False,
                page_sizes=(), known=_AUXV_RIGHT, **choices)


_AUXV_ONCE = Recipe(
    "every entry of the auxiliary vector appears once and as the kernel wrote it", _CASES / "auxv_once.c",
    shows=("types that appear twice: 0",), launchers=("interp",), newer_libcs=False)

_GETAUXVAL = Recipe(
    "getauxval gives the program's own values", _CASES / "getauxval.c", libcs=("glibc",))

_NAMES = Recipe(
    "libc knows the program by its name", _CASES / "names.c", libcs=_WITH_LIBC, shows=("short name: program",))

_DESCRIPTORS = Recipe(
    "the loader leaves no file open",
    _CASES / "descriptors.c", (Library("any", "int any;\n"), Library("other", "int other;\n")), machines=("x86_64",),
    shows=("open besides the first three: 0",))

_ERRNO = Recipe(
    "errno is nought at the start", """
#include <errno.h>
#include "observe.h"
int main(void) { say_number("errno", errno); return 0; }
""", libcs=_WITH_LIBC, shows=("errno: 0",), environment=(("LD_LIBRARY_PATH", "/nowhere"),))

_CLOCK = Recipe(
    "libc finds the vDSO's clock", _CASES / "clock.c", libcs=_WITH_LIBC)

RECIPES = [
    _STACK, _ARGUMENTS,
    *_described("a position-independent program"), *_described("a program at a fixed address", pie=False),
    _auxv("the auxiliary vector names the loader's address and the program's file",
          compile=("-DNAMES",), launchers=("interp",), newer_libcs=False, shows=("AT_EXECFN: program",)),
    _AUXV_ONCE, _GETAUXVAL, _NAMES, _DESCRIPTORS, _ERRNO, _CLOCK,
]
