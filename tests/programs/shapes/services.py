"""What libc does for programs and needs its own start-up for: stdio, locale, names, time, memory."""

from sources import sources_of
from workshop.recipe import Library, Recipe

_CASES = sources_of(__file__)

_WITH_LIBC = ("musl", "glibc")


def _service(name, program, **choices):
    """One program that uses libc; no library of its own."""
    return Recipe(name, program, **{"libcs": _WITH_LIBC, **choices})


_STDIO = _service("buffered output is written at exit", """
#include <stdio.h>
int main(void) {
  printf("%d %s %.3f %Lg %x", 42, "text", 1.5, 2.25L, 255u);
  fputs(" and no end of the line", stdout);
  return 0;
}
""", shows=("42 text 1.500 2.25 ff and no end of the line",))

_STDIN = _service(
    "standard input is read by lines",
    _CASES / "stdin.c", stdin="one\ntwo\n", shows=("line one", "line two", "number 17"))

_LOCALE = _service(
    "the UTF-8 locale is set and converts", _CASES / "locale.c", shows=("set: yes", "characters: 4", "last: 223"))

_QSORT = _service("libc calls back into the program", _CASES / "qsort.c", shows=("1 3 5 7 9 found at 3",))

_SETJMP = Recipe(
    "longjmp from a library returns to the program's setjmp", _CASES / "setjmp.c",
    (Library("jumps", "#include <setjmp.h>\nvoid jump(jmp_buf *back, int value) { longjmp(*back, value); }\n"),),
    libcs=_WITH_LIBC, shows=("value: 3", "kept: 7"))

_ADDRESS = _service("getaddrinfo reads a numeric address", _CASES / "address.c", shows=("127.0.0.1 80",))

_NAMES = _service(
    "the user with number nought has a name", _CASES / "names.c", much_zero=True, shows=("root /root root",))

_ICONV = _service(
    "iconv converts to UTF-16 and from Latin 1",
    _CASES / "iconv.c", libcs=("musl", "glibc"), machines=("x86_64",), newer_libcs=False,
    shows=("UTF-8 to UTF-16LE: 67 00 fc 00 closed 0",))

_TIME = _service(
    "local time follows TZ",
    _CASES / "time.c", environment=(("TZ", "EST5EDT,M3.2.0,M11.1.0"),), shows=("2023-11-14 17:13:20 EST",))

_MAPPINGS = _service(
    "memory can be mapped, protected, grown and given back",
    _CASES / "mappings.c", shows=("protect 0", "unmap 0", "kept", "wrong 0"))

_LIBM_ERROR = _service("libm sets errno and the floating-point exceptions", _CASES / "libm_error.c", link=("-lm",))

RECIPES = [
    _STDIO, _STDIN, _LOCALE, _QSORT, _SETJMP, _ADDRESS, _NAMES, _ICONV, _TIME, _MAPPINGS, _LIBM_ERROR,
]
