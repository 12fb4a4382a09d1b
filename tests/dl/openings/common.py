"""How programs that open objects are described: recipes of tests/programs whose libraries are opened, not linked."""

from workshop.recipe import Library, Recipe

OPENS = '#include "opens.h"\n'
WITH_LIBC = ("musl", "glibc")


def opening(name, program, *libraries, **choices):
    """A program that opens `libraries` and is linked with none of them. A file includes opens.h; a text need not.

    One page size and the libcs of this machine are enough here: the shapes of tests/programs vary those."""
    usual = {"needs": (), "libcs": WITH_LIBC, "page_sizes": (), "newer_libcs": False, "link": ("-pthread",)}
    source = OPENS + program if isinstance(program, str) else program
    return Recipe(name, source, libraries, **{**usual, **choices})


def with_cplusplus(name, program, *libraries, **choices):
    """The same in C++. glibc only: Debian has no C++ library for musl."""
    return opening(name, program, *libraries, **{"language": "c++", "libcs": ("glibc",), **choices})


def answers(library, function, number, **choices):
    """A library of one function that returns a number."""
    return Library(library, f"int {function}(void) {{ return {number}; }}\n", **choices)


def announcer(name, needs=(), **choices):
    """A library that says when it begins and when it ends."""
    return Library(name, f"""
#include "observe.h"
__attribute__((constructor)) static void begin(void) {{ say("{name} begins"); }}
__attribute__((destructor)) static void end(void) {{ say("{name} ends"); }}
int in_{name}(void) {{ return 1; }}
""", needs=needs, **choices)
