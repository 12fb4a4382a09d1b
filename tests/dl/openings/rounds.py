"""Thousands of rounds of opening, failing to open, and closing: nothing may be left of them."""

from sources import sources_of
from workshop.recipe import Library

from .common import opening

_CASES = sources_of(__file__)

_PROGRAM = _CASES / "rounds.c"
_LIBRARIES = (
    Library("bottom", "static __thread int own = 5;\nint bottom(void) { return own; }\n"),
    Library("top", """
#include <stdlib.h>
int bottom(void);
static void *memory;
static void end(void) { free(memory); }
__attribute__((constructor)) static void begin(void) { memory = malloc(1000); atexit(end); }
int total(void) { return bottom() + 10; }
""", needs=("bottom",)))


def _rounds(count, machine, libc="glibc", **choices):
    """The resident memory of a program under an emulator is mostly the emulator's, so it is not looked at there."""
    return opening(f"{count} rounds of opening and closing leave nothing behind with {libc} on {machine}", _PROGRAM,
                   *_LIBRARIES, arguments=(str(count), str(int(machine == "x86_64"))), machines=(machine,),
                   libcs=(libc,), **choices)


RECIPES = [
    _rounds(10000, "x86_64"), _rounds(100000, "x86_64", slow=True), _rounds(500, "aarch64"),
    _rounds(1000, "x86_64", "musl"), _rounds(500, "aarch64", "musl"),
]
