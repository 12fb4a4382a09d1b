"""Which definition a reference is bound to: order of the scope, weak, protected, symbolic, unique."""

from sources import sources_of
from workshop.recipe import Library, Recipe

_CASES = sources_of(__file__)

_SAY = 'const char *{name}(void) {{ return "{text}"; }}\n'


def _teller(library, function="who", needs=(), link=(), weak=False):
    """A library whose one function tells the library's name."""
    prefix = "__attribute__((weak)) " if weak else ""
    return Library(library, prefix + _SAY.format(name=function, text=library), needs=needs, link=link)


_ASKER = """
#include "observe.h"
const char *who(void);
int main(void) { say_text("who", who()); return 0; }
"""

_WEAK_FIRST = Recipe(
    "a weak definition in an earlier library wins over a strong one in a later", _ASKER,
    (_teller("weak", weak=True), _teller("strong")), shows=("who: weak",), linkers=("gnu", "lld"))

_PROGRAM_FIRST = Recipe(
    "the program's definition wins inside a library that defines the same name", _CASES / "program_first.c",
    (Library("own", """
const char *who(void) { return "library"; }
const char *who_in_library(void) { return who(); }
int shared = 2;
int *shared_in_library(void) { return &shared; }
"""),), linkers=("gnu", "lld"), shows=("who in the library: program",))

_BREADTH_FIRST = Recipe(
    "libraries are searched breadth first", _ASKER,
    (_teller("deep"), Library("left", "int left;\n", needs=("deep",)), _teller("right")),
    needs=("left", "right"), shows=("who: right",))

_DIAMOND = Recipe(
    "a library that two others need is searched after both", """
#include "observe.h"
const char *left_sees(void), *right_sees(void), *who(void);
int main(void) {
  say_text("program", who());
  say_text("left", left_sees());
  say_text("right", right_sees());
  return 0;
}
""", (_teller("bottom"),
      Library("left", "const char *who(void); const char *left_sees(void) { return who(); }\n", needs=("bottom",)),
      Library("right", 'const char *who(void) { return "right"; }\n'
              "const char *right_sees(void) { return who(); }\n", needs=("bottom",))),
    needs=("left", "right"), shows=("program: right", "left: right", "right: right"))

_INDIRECT = Recipe(
    "a library that only another library needs gives the program symbols", _ASKER,
    (_teller("far"), _teller("near_once", link=("-Wl,-soname,libnear.so",)),
     Library("near", "int near_one;\n", needs=("far",))), needs=("near_once",), shows=("who: far",))

_PRELOAD = Recipe(
    "a preloaded library comes after the program and before its libraries", _CASES / "preload.c",
    (Library("plain", """
const char *who(void) { return "library"; }
const char *in_program_too(void) { return "library"; }
const char *who_in_library(void) { return who(); }
const char *in_library(void) { return in_program_too(); }
"""), Library("preloaded", _SAY.format(name="who", text="preloaded") +
              _SAY.format(name="in_program_too", text="preloaded"))),
    needs=("plain",), preload=("preloaded",),
    shows=("who: preloaded", "who in the library: preloaded", "the program's in the library: program"))

_TWO_PRELOADS = Recipe(
    "of two preloaded libraries the first wins", _ASKER, (_teller("plain"), _teller("first"), _teller("second")),
    needs=("plain",), preload=("first", "second"), page_sizes=(), shows=("who: first",))  # qemu's glibc loads only one

_PROTECTED = Recipe(
    "a protected function is its library's own, whoever else defines it", _CASES / "protected.c",
    (Library("protected", """
__attribute__((visibility("protected"))) const char *who(void) { return "library"; }
static const char *(*pointer)(void) = who;
const char *who_in_library(void) { return who(); }
const char *who_through_pointer(void) { return pointer(); }
"""),), shows=("who: program", "in the library: library"), linkers=("gnu", "lld"))

_PROTECTED_ADDRESS = Recipe(
    "a protected variable and function have one address everywhere", _CASES / "protected_address.c",
    (Library("protected", """
__attribute__((visibility("protected"))) int number = 4;
__attribute__((visibility("protected"))) void function(void) {}
int *number_in_library(void) { return &number; }
void (*function_in_library(void))(void) { return function; }
"""),), compile=("-fPIC",), linkers=("lld",), shows=("value: 4",))

_SYMBOLIC_LIBRARY = """
const char *who(void) { return "library"; }
int shared = 2;
const char *who_in_library(void) { return who(); }
int shared_value(void) { return shared; }
extern const char *only_elsewhere(void);
const char *elsewhere(void) { return only_elsewhere(); }
"""


def _symbolic(flag, value):
    return Recipe(
        f"a library linked with {flag.replace('-', ' ').strip()} prefers what the flag says", _CASES / "symbolic.c",
        (Library("symbolic", _SYMBOLIC_LIBRARY, link=(f"-Wl,{flag}",)),), linkers=("gnu", "lld"),
        shows=("who in the library: library", f"variable in the library: {value}", "what the library lacks: program"))


# The linker binds what it can at link time, so DF_SYMBOLIC shows only where a relocation is left: hand-written here.
_DF_SYMBOLIC = Recipe(
    "DF_SYMBOLIC makes the loader look in the library itself first", _CASES / "df_symbolic.c",
    (Library("dynamic", "int shared = 2;\nint *address_of_shared = &shared;\n"
              "extern int other_number;\nint *address_of_other = &other_number;\n", link=("-Wl,-Bsymbolic",)),),
    compile=("-fPIC",), linkers=("gnu", "lld"), shows=("shared: 2", "other: 7"))

_UNIQUE_LIBRARY = """
template <typename T> struct Holder {{ static int number; }};
template <typename T> int Holder<T>::number = 1;
extern "C" int *address_in_{name}(void) {{ return &Holder<long>::number; }}
"""
_UNIQUE_PROGRAM = """
#include "observe.h"
int *address_in_first(void), *address_in_second(void);
int main(void) {
  claim("one variable", address_in_first() == address_in_second());
  ++*address_in_first();
  say_number("value", *address_in_second());
  return 0;
}
"""


def _unique(name, link):
    return Recipe(name, _UNIQUE_PROGRAM,
                  tuple(Library(library, _UNIQUE_LIBRARY.format(name=library), language="c++", link=link,
                                compile=("-fno-exceptions", "-fno-rtti")) for library in ("first", "second")),
                  libcs=("none", "glibc"), shows=("value: 2",))


_ADDRESSES = Recipe(
    "a function has one address in the program and in two libraries", _CASES / "addresses.c",
    (Library("own", "void function(void) {}\nvoid (*address_in_own(void))(void) { return function; }\n"),
      Library("other", "void function(void);\nvoid (*address_in_other(void))(void) { return function; }\n"
              "void (*const table_in_other[1])(void) = {function};\n", needs=("own",))), linkers=("gnu", "lld"),
    compilers=("gcc", "clang"))

RECIPES = [
    _WEAK_FIRST, _PROGRAM_FIRST, _BREADTH_FIRST, _DIAMOND, _INDIRECT, _PRELOAD, _TWO_PRELOADS, _PROTECTED,
    _PROTECTED_ADDRESS, _symbolic("-Bsymbolic", 2), _symbolic("-Bsymbolic-functions", 1), _DF_SYMBOLIC,
    _unique("a unique symbol is one over two libraries", ()),
    _unique("a unique symbol is one even over symbolic libraries", ("-Wl,-Bsymbolic",)),
    _ADDRESSES,
]
