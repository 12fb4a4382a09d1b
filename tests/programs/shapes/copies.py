"""COPY relocations, canonical function addresses of programs at fixed addresses, and interposition on libc."""

from sources import sources_of
from workshop.recipe import Library, Recipe, variants

_CASES = sources_of(__file__)

_WITH_LIBC = ("musl", "glibc")
_BOTH_KINDS = ((True, "a position-independent program"), (False, "a program at a fixed address"))

_COPY_PROGRAM = _CASES / "copy.c"
_COPY_LIBRARY = _CASES / "libdata.c"


def _copy(pie, who):
    return Recipe(f"{who} holds copies of its library's variables", _COPY_PROGRAM, (Library("data", _COPY_LIBRARY),),
                  pie=pie, linkers=("gnu", "lld"), shows=("number: 5", "text: relocated before it was copied",
                                                          "last of the big: 99", "as the library sees it: 6"))


_COPY_CHAIN = Recipe(
    "a copied pointer to another library's variable is right", """
#include "observe.h"
extern int *pointer, target;
int main(void) {
  claim("the pointer points to the program's copy", pointer == &target);
  say_number("value", *pointer);
  return 0;
}
""", (Library("target", "int target = 31;\n"),
      Library("pointer", "extern int target;\nint *pointer = &target;\n", needs=("target",))), pie=False,
    linkers=("gnu", "lld"), shows=("value: 31",))

_COPY_INTERPOSED = Recipe(
    "a copy is taken from the first library that defines the variable", """
#include "observe.h"
extern int number;
int main(void) { say_number("number", number); return 0; }
""", (Library("plain", "int number = 1;\n"), Library("preloaded", "int number = 2;\n")), needs=("plain",),
    preload=("preloaded",), pie=False, shows=("number: 2",))

_LIBC_DATA_PROGRAM = _CASES / "libc_data.c"
_LIBC_DATA_LIBRARY = """
#include <stdio.h>
#include <unistd.h>
extern char **environ;
FILE *stdout_in_library(void) { return stdout; }
int *optind_in_library(void) { return &optind; }
char ***environ_in_library(void) { return &environ; }
"""


def _libc_copy(pie, who):
    return Recipe(f"{who} shares stdout, environ and optind with libc and a library", _LIBC_DATA_PROGRAM,
                  (Library("sees", _LIBC_DATA_LIBRARY),), pie=pie, libcs=_WITH_LIBC, linkers=("gnu", "lld"),
                  compilers=("gcc", "clang") if not pie else ("gcc",),
                  shows=("optind after getopt: 3", "seen in environ: 1", "by the copied stdout"))


_CANONICAL = Recipe(
    "a program at a fixed address and its libraries agree on the address of a function", _CASES / "canonical.c",
    (Library("own", "static int calls;\nvoid function(void) { ++calls; }\nint called(void) { return calls; }\n"
              "void (*address_in_own(void))(void) { return function; }\n"),
      Library("other", "void function(void);\nvoid (*address_in_other(void))(void) { return function; }\n",
              needs=("own",))), pie=False, linkers=("gnu", "lld"), shows=("called: 2",))

_LIBC_FUNCTION_ADDRESS = Recipe(
    "a program at a fixed address and a library agree on the address of a libc function",
    _CASES / "libc_function_address.c",
    (Library("sees", "#include <stdlib.h>\n#include <string.h>\n"
              "void *address_of_free(void) { return (void *)&free; }\n"
              "void *address_of_strlen(void) { return (void *)&strlen; }\n"),), pie=False, libcs=_WITH_LIBC,
    linkers=("gnu", "lld"), shows=("length: 4",))

_COPIER = '#include <string.h>\nchar *copied_in_library(void) { return strdup("in a library"); }\n'


def _malloc_recipes():
    copier, allocator = Library("copier", _COPIER), Library("allocator", _CASES / "liballocator.c")
    user = _CASES / "malloc_user.c"
    common = {"much_zero": True, "libcs": _WITH_LIBC, "shows": ("duplicated by libc",)}
    yield Recipe("malloc of the program is libc's too", user, (copier,), compile=("-fPIC", "-DOWN_ALLOCATOR"),
                 linkers=("gnu", "lld"), **common)
    common["compile"] = ("-fPIC",)
    yield Recipe("malloc of a library is libc's too", user, (copier, allocator), **common)
    yield Recipe("malloc of a preloaded library is libc's too", user, (copier, allocator), needs=("copier",),
                 preload=("allocator",), **common)


_OVERRIDDEN = Recipe(
    "a program's own version of a libc function is used by its library and its callers", _CASES / "overridden.c",
    (Library("asks", "#include <unistd.h>\nint pid_in_library(void) { return getpid(); }\n"),), libcs=_WITH_LIBC,
    shows=("library: 4321",))

# ld-seal reads libc's names only if a program's objects define many, or some that have versions.
_MANY_NAMES = Library("many", "".join(f"int many_{number}(void) {{ return {number}; }}\n" for number in range(20)))


def _beside_many_names(recipe):
    return variants(recipe, name=f"{recipe.name}, beside a library of many names",
                    libraries=(*recipe.libraries, _MANY_NAMES), needs=(*recipe.linked_libraries, "many"))


_ABOUT_LIBC = (*(_libc_copy(pie, who) for pie, who in _BOTH_KINDS), *_malloc_recipes(), _OVERRIDDEN)

RECIPES = [
    *(_copy(pie, who) for pie, who in _BOTH_KINDS), _COPY_CHAIN, _COPY_INTERPOSED,
    _CANONICAL, _LIBC_FUNCTION_ADDRESS, *_ABOUT_LIBC, *(_beside_many_names(recipe) for recipe in _ABOUT_LIBC),
]
