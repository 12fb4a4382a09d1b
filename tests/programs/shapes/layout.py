"""How segments lie in the file and in memory: alignments, holes, zeros, addresses that are not nought."""

from workshop.recipe import Library, Recipe

_BOTH = ("gnu", "lld")

_CONTENTS = """
#include "observe.h"
#ifndef ZEROS
#define ZEROS 10000
#endif
LENGTHEN_FILE;
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
static int filled[300] = {[0] = 1, [299] = 300};
static int zeros[ZEROS];
static const int constants[300] = {[299] = 7};
static int *const pointer = &filled[299];
static int *moving = &zeros[ZEROS - 1];
static int is_right(void) {
  int *data = OPAQUE(&filled[0]), *nothing = OPAQUE(&zeros[0]);
  const int *fixed = OPAQUE(&constants[0]);
  for (int n = 1; n < 299; ++n) if (data[n]) return 0;
  for (int n = 0; n < ZEROS; ++n) if (nothing[n]) return 0;
  for (int n = 0; n < ZEROS; n += 512) nothing[n] = n;
  for (int n = 0; n < ZEROS; n += 512) if (nothing[n] != n) return 0;
  return data[0] == 1 && data[299] == 300 && fixed[299] == 7 && *OPAQUE(pointer) == 300 &&
         OPAQUE(moving) == &nothing[ZEROS - 1] && __ehdr_start[0] == 127 && __ehdr_start[3] == 'F';
}
"""
_PROGRAM = _CONTENTS + """
int library_is_right(void);
int main(void) {
  claim("the program's contents are right", is_right());
  claim("the library's contents are right", library_is_right());
  MORE
  return 0;
}
"""
_LIBRARY = _CONTENTS + """
int library_is_right(void) { return is_right(); }
unsigned long library_start(void) { return (unsigned long)__ehdr_start; }
"""


def _laid_out(name, *link, linkers=_BOTH, more="", compile=(), library_link=None, **choices):
    library = Library("laid", _LIBRARY, link=link if library_link is None else library_link, compile=compile)
    return Recipe(name, _PROGRAM.replace("MORE", more), (library,), link=link, linkers=linkers, compile=compile,
                  much_zero=True, **choices)


def _huge_alignment():
    start = 'unsigned long library_start(void);\n  claim("the library is aligned", library_start() % 0x200000 == 0);'
    name = "segments aligned to two megabytes are mapped"
    flags = ("-Wl,-z,max-page-size=0x200000",)
    yield _laid_out(name, *flags, libcs=("musl",))
    yield _laid_out(name + " at such an address", *flags, more=start, libcs=("none", "glibc"))


def _big_zeros():
    return _laid_out("eight megabytes of zeros follow the data", compile=("-DZEROS=(2 << 20)",))


_ONLY = {
    "data": ("int only = 5;\n", "extern int only;", "only"),
    "zeros": ("int only[5000];\n", "extern int only[];", "only[4999] + 5"),
    "code": ("int only(void) { return 5; }\n", "int only(void);", "only()"),
    "constants": ("const int only = 5;\n", "extern const int only;", "only"),
}


def _only(kind):
    source, declaration, expression = _ONLY[kind]
    return Recipe(f"a library with nothing but {kind} is mapped", f"""
#include "observe.h"
{declaration}
int main(void) {{ say_number("only", {expression}); return 0; }}
""", (Library("only", source),), compile=("-fPIC",), linkers=_BOTH, shows=("only: 5",))


_NO_LIBRARY_CODE = Recipe(
    "an empty library is mapped", """
#include "observe.h"
int main(void) { say("main"); return 0; }
""", (Library("empty", ""),), linkers=_BOTH, shows=("main",))

_DATA_END = Recipe(
    "zeros begin where the file's data end in the middle of a page", """
#include "observe.h"
char library_zeros_are_zero(void);
LENGTHEN_FILE;
static char text[37] = "ends at an odd place";
static char zeros[9001];
int main(void) {
  char sum = 0;
  char *from = OPAQUE(&zeros[0]);
  for (int n = 0; n < 9001; ++n) sum |= from[n];
  say_number("zeros", sum);
  say_text("text", OPAQUE(&text[0]));
  say_number("zeros of the library", library_zeros_are_zero());
  return 0;
}
""", (Library("ends", """
#include "observe.h"
LENGTHEN_FILE;
char text_in_library[41] = "ends at another odd place";
static char zeros[777];
char library_zeros_are_zero(void) {
  char sum = 0;
  for (int n = 0; n < 777; ++n) sum |= zeros[n];
  return sum;
}
"""),), linkers=_BOTH, shows=("zeros: 0", "zeros of the library: 0"))

RECIPES = [
    _laid_out("segments on pages of their own are mapped", "-Wl,-z,separate-code"),
    _laid_out("segments that share a page of the file are mapped", "-Wl,-z,noseparate-code"),
    _laid_out("segments apart in the file too are mapped", "-Wl,-z,separate-loadable-segments", linkers=("lld",)),
    _laid_out("segments aligned to 64 KiB with holes between are mapped", "-Wl,-z,max-page-size=0x10000"),
    _laid_out("segments aligned to 64 KiB that share a page are mapped", "-Wl,-z,max-page-size=0x10000",
              "-Wl,-z,noseparate-code"),
    _laid_out("segments aligned to 4 KiB are mapped", "-Wl,-z,max-page-size=0x1000", page_sizes=()),
    _laid_out("RELRO rounded for large common pages is applied", "-Wl,-z,max-page-size=0x10000",
              "-Wl,-z,common-page-size=0x4000", linkers=("gnu",)),
    *_huge_alignment(), _big_zeros(),
    _laid_out("a library that begins at another address than nought is mapped",
              library_link=("-Wl,-Ttext-segment=0x7000000",), linkers=("gnu",)),
    _laid_out("a library with an image base is mapped", library_link=("-Wl,--image-base=0x7000000",),
              linkers=("lld",)),
    _laid_out("a program at a high fixed address runs", "-Wl,-Ttext-segment=0x60000000", linkers=("gnu",), pie=False,
              library_link=()),
    _laid_out("a program and a library whose dynamic section is read-only run", "-Wl,-z,rodynamic", linkers=("lld",)),
    _laid_out("code that may be executed but not read runs", "-Wl,--execute-only", linkers=("lld",),
              machines=("aarch64",)),
    _laid_out("one segment for code and constants is mapped", "-Wl,--no-rosegment", linkers=("lld",)),
    _laid_out("a program and a library without symbols and sections' names run", "-Wl,-s"),
    *map(_only, _ONLY), _NO_LIBRARY_CODE, _DATA_END,
]
