"""How segments lie in the file and in memory: alignments, holes, zeros, addresses that are not nought."""

from sources import sources_of
from workshop.recipe import Library, Recipe

_CASES = sources_of(__file__)

_BOTH = ("gnu", "lld")


def _laid_out(name, *link, linkers=_BOTH, compile=(), library_link=None, **choices):
    library = Library("laid", _CASES / "liblaid.c", compile=compile,
                      link=link if library_link is None else library_link)
    return Recipe(name, _CASES / "laid_out.c", (library,), link=link, linkers=linkers, compile=compile,
                  much_zero=True, **choices)


def _huge_alignment():
    name = "segments aligned to two megabytes are mapped"
    flags = ("-Wl,-z,max-page-size=0x200000",)
    yield _laid_out(name, *flags, libcs=("musl",))
    yield _laid_out(name + " at such an address", *flags, compile=("-DCLAIM_ALIGNMENT",), libcs=("none", "glibc"))


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
    "zeros begin where the file's data end in the middle of a page", _CASES / "data_end.c",
    (Library("ends", _CASES / "libends.c"),), linkers=_BOTH, shows=("zeros: 0", "zeros of the library: 0"))

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
