"""What relocation must get right: each kind of relocation, how it is stored, and when it may be applied."""

from sources import sources_of
from workshop.recipe import Library, Recipe, variants

_CASES = sources_of(__file__)


def _tables(name, flags, **choices):
    return Recipe(name, _CASES / "tables.c", (Library("tables", _CASES / "libtables.c", link=flags),),
                  link=flags, **choices)


_HASHED_PROGRAM = _CASES / "hashed.c"
_HASHED_LIBRARY = "\n".join(f"int numbered_{n}(void) {{ return {n}; }}" for n in range(200))


def _hashed(style):
    flags = (f"-Wl,--hash-style={style}",)
    names = {"sysv": "only DT_HASH", "gnu": "only DT_GNU_HASH", "both": "both hash tables"}
    return Recipe(f"symbols are found in a library with {names[style]}", _HASHED_PROGRAM,
                  (Library("hashed", _HASHED_LIBRARY, link=flags),), link=flags, linkers=("gnu", "lld"),
                  shows=("sum: 142",))


_BOUND_PROGRAM = _CASES / "bound.c"
_BOUND_LIBRARY = """
int twice(int number) { return 2 * number; }
int through_library(int number) { return twice(number) + 1; }
"""


def _bound(name, *link, compile=()):
    return Recipe(name, _BOUND_PROGRAM, (Library("bound", _BOUND_LIBRARY, compile=compile, link=link),),
                  compile=compile, link=link, linkers=("gnu", "lld"),
                  shows=("called: 42", "called by pointer: 8", "called by the library: 11"))


_ADDENDS = Recipe(
    "a pointer into the middle of another module's array has its addend",
    _CASES / "addends.c", (Library("array", "int array[10] = {0, 1, 2, 3, 4, 55, 6, 7, 8, 9};\n"),), compile=("-fPIC",),
    linkers=("gnu", "lld"), shows=("fifth: 55",))

_UNALIGNED = Recipe(
    "a pointer at an odd address is relocated",
    _CASES / "unaligned.c", (Library("other", "int other = 3;\n"),), compile=("-fPIC",))

_WEAK = Recipe(
    "weak references to nothing are null, in the program and in a library", _CASES / "weak.c",
    (Library("weak", """
extern int absent_data __attribute__((weak));
void absent_function(void) __attribute__((weak));
void (*pointer_in_library)(void) = &absent_function;
int nulls_in_library(void) { return !&absent_data + !absent_function + !pointer_in_library; }
"""),), compile=("-fPIC",), linkers=("gnu", "lld"), shows=("nulls in the library: 3",))

_WEAK_FOUND = Recipe(
    "a weak reference is bound to a definition in a later library", """
#include "observe.h"
int present(void) __attribute__((weak));
int main(void) {
  claim("found", OPAQUE(&present) != 0);
  say_number("answer", present());
  return 0;
}
""", (Library("first", "int unrelated;\n"), Library("second", "int present(void) { return 9; }\n")),
    compile=("-fPIC",), shows=("answer: 9",))

_ABSOLUTE = Recipe(
    "an absolute symbol is not moved with its library", """
#include "observe.h"
extern char absolute_number[];
int main(void) { say_number("absolute", (long)OPAQUE(&absolute_number[0])); return 0; }
""", (Library("absolute", ".globl absolute_number\nabsolute_number = 0x1234\n.data\n.long 0\n"
              ".section .note.GNU-stack,\"\"\n", language="assembly"),),
    compile=("-fPIC",), libcs=("none", "glibc"), linkers=("gnu", "lld"), shows=("absolute: 4660",))

_SIZE = Recipe(
    "a size relocation gives the size of the definition that was found", """
#include "observe.h"
extern long size_of_table;
int main(void) { say_number("size", size_of_table); return 0; }
""", (Library("table", ".data\n.globl table\n.type table, @object\ntable: .zero 40\n.size table, 40\n"
              ".section .note.GNU-stack,\"\"\n", language="assembly"),
      Library("size", ".data\n.globl size_of_table\n.type size_of_table, @object\nsize_of_table: .quad table@SIZE\n"
              ".size size_of_table, 8\n.section .note.GNU-stack,\"\"\n", needs=("table",), language="assembly")),
    compile=("-fPIC",), libcs=("none", "glibc"), machines=("x86_64",), shows=("size: 40",))

_LAZY_ORDER = Recipe(
    "a library that refers to the program and to a later library is relocated with both", """
#include "observe.h"
int in_program(void) { return 3; }
int sum(void);
int main(void) { say_number("sum", sum()); return 0; }
""", (Library("sum", """
int in_program(void);
int in_later(void);
int (*pointers[])(void) = {in_program, in_later};
int sum(void) { return pointers[0]() + pointers[1]() + in_program() + in_later(); }
"""), Library("later", "int in_later(void) { return 10; }\n")), shows=("sum: 26",), linkers=("gnu", "lld"))

RECIPES = [
    _tables("relative relocations are applied from RELA", (), linkers=("gnu", "lld"), compilers=("gcc", "clang")),
    _tables("relative relocations are applied from RELR as GNU ld packs them", ("-Wl,-z,pack-relative-relocs",),
            machines=("x86_64",), libcs=("none", "glibc")),
    _tables("relative relocations are applied from RELR as lld packs them", ("-Wl,--pack-dyn-relocs=relr",),
            libcs=("none",), linkers=("lld",)),
    # glibc refuses DT_RELR without the version GLIBC_ABI_DT_RELR, which this lld does not write.
    _tables("RELR needs no mark of a glibc version", ("-Wl,--pack-dyn-relocs=relr",), libcs=("glibc",),
            linkers=("lld",), newer_libcs=False, known="every pointer of the program is right: yes\n"
            "every pointer of the library is right: yes\n"),
    variants(_tables("relative relocations are applied from RELR on a musl that has it",
                     ("-Wl,--pack-dyn-relocs=relr",), libcs=("musl",), linkers=("lld",)),
             launchers=(), page_sizes=()),
    *map(_hashed, ("sysv", "gnu", "both")),
    _bound("functions are bound at start though lazy binding is allowed", "-Wl,-z,lazy"),
    _bound("functions are bound at start where the file says so", "-Wl,-z,now"),
    _bound("functions are bound without a PLT", compile=("-fno-plt",)),
    _bound("a program and a library without RELRO run", "-Wl,-z,norelro"),
    _bound("a program and a library with full RELRO run", "-Wl,-z,relro,-z,now"),
    _bound("combined relocations that are not sorted run", "-Wl,-z,nocombreloc"),
    _ADDENDS, _UNALIGNED, _WEAK, _WEAK_FOUND, _ABSOLUTE, _SIZE, _LAZY_ORDER,
]
