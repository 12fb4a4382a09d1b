"""An open that fails changes nothing: no mapping, no constructor, no object listed, none of what was there before."""

from sources import sources_of
from workshop.recipe import Library

from .common import answers, opening

_CASES = sources_of(__file__)

_BEGINS = """
#include "observe.h"
__attribute__((constructor)) static void begin(void) { say("a constructor that must not run"); }
"""


_SYMBOL = opening(
    "a missing symbol leaves no trace of the object and of what it needs",
    _CASES / "symbol.c", Library("below", _BEGINS + "int below(void) { return 1; }\n"),
    Library("incomplete", _BEGINS + "int nobody_has_this(void);\nint calls(void) { return nobody_has_this(); }\n",
            needs=("below",)))

_DEPENDENCY = opening(
    "a missing dependency leaves no trace of the object and of what was found", _CASES / "dependency.c",
    Library("below", _BEGINS + "int below(void) { return 1; }\n"), answers("absent", "absent", 1),
    Library("needs", _BEGINS, needs=("below", "absent")), arguments=("{lib}",))

_VERSION = opening(
    "a missing version leaves no trace", _CASES / "version.c",
    Library("versioned", "int thing(void) { return 1; }\n", link=("-Wl,--version-script={source}/versions",),
             files=(("versions", "FUTURE_1 { global: thing; local: *; };\n"),)),
    Library("wants", _BEGINS + "int thing(void);\nint calls(void) { return thing(); }\n", needs=("versioned",)),
    # The same name again without the version that the one above was linked with.
    Library("versioned", "int thing(void) { return 1; }\n", link=("-Wl,--version-script={source}/past",),
            files=(("past", "PAST_1 { global: thing; local: *; };\n"),)), libcs=("glibc",))

_WHOLE = Library("whole", _BEGINS + "int whole[5000] = {1};\nint *address(void) { return whole; }\n")


def _damaged(name, damage, **choices):
    return opening(name, _CASES / "damage.c", _WHOLE, compile=(f"-DDAMAGE={damage}",), arguments=("{lib}",), **choices)


_IN_USE = opening(
    "a failed open leaves objects that were open as they were",
    _CASES / "in_use.c", Library("below", "static int count;\nint next(void) { return ++count; }\n"),
    Library("incomplete", _BEGINS + "int nobody_has_this(void);\nint calls(void) { return nobody_has_this(); }\n",
            needs=("below",)), libcs=("glibc",), shows=("before: 1", "after: 2"))

_THEN_WORKS = opening(
    "an object that could not be opened can be once its symbol is there",
    _CASES / "then_works.c", answers("provides", "provided", 31),
    Library("wants", "int provided(void);\nint taken(void) { return provided() + 1; }\n"), shows=("taken: 32",))

_NO_FILE = opening(
    "what is no object is refused: a missing file, a folder, a text, an empty file", _CASES / "no_file.c")

_PROGRAM = opening(
    "the program's own file is refused, whoever mapped it", """
int main(int count, char **arguments) {
  (void)count;
  claim("refused", refused(arguments[0], RTLD_NOW));
  claim("not known by its file", dlopen(arguments[0], RTLD_NOW | RTLD_NOLOAD) == 0);
  return 0;
}
""", libcs=("glibc",), newer_libcs=True, shows=("refused: yes", "not known by its file: yes"))

_TLS_FAILED = opening(
    "a failed open gives its TLS module back",
    _CASES / "tls_failed.c", Library("storage", "static __thread int count = 5;\nint next(void) { return ++count; }\n"),
    Library("incomplete", """
__thread int own = 9;
int nobody_has_this(void);
int calls(void) { return nobody_has_this() + own; }
"""), libcs=("glibc",), shows=("fresh: 6",))

RECIPES = [
    _SYMBOL, _DEPENDENCY, _VERSION, _IN_USE, _THEN_WORKS, _NO_FILE, _PROGRAM, _TLS_FAILED,
    # The libcs' own loaders touch what is behind the end of the file, and die of it.
    _damaged("an object cut off in the middle leaves no trace", "2,-1,0", known="""refused: yes
the mappings are the same: yes
as many objects: yes
as many added as removed: yes
no descriptor is left open: yes
"""),
    _damaged("an object of another machine leaves no trace", "1,18,3", libcs=("glibc",)),
    _damaged("an object of another class leaves no trace", "1,4,1", libcs=("glibc",)),
    _damaged("an object without its magic number leaves no trace", "1,0,0", libcs=("glibc",)),
]
