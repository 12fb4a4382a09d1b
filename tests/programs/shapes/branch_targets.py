"""Landing pads (aarch64's BTI): code that is marked is checked where the libc's own loader has it checked."""

from sources import sources_of
from workshop.recipe import Library, Recipe

_CASES = sources_of(__file__)
_PLAIN = ("-mbranch-protection=none",)
_MARKED = ("-mbranch-protection=standard",)
_WHERE = ("program", "library", "opened")
_EMULATED = (("QEMU_CPU", "max"),)


def _library(name, is_marked):
    """Without crti.o, which has no landing pads in Debian 12."""
    link = ("-nostartfiles", "-Wl,-z,force-bti") if is_marked else ("-nostartfiles",)
    return Library(name, _CASES / "library.c", compile=(*(_MARKED if is_marked else _PLAIN), f"-DNAME={name}"),
                   link=link)


def _recipe(name, marked, libc, refused=None, **choices):
    """`marked` of `_WHERE` have landing pads, of which `refused` are refused: all, where not said."""
    asked = _WHERE[:2] if libc == "none" else _WHERE
    refused = marked if refused is None else refused
    shows = tuple(f"{where}: {'refused' if where in refused else 'called'}" for where in asked)
    compile, link = _PLAIN, ()
    if "program" in marked:
        compile, link = (*_MARKED, "-DOWN_ENTRY"), ("-nostartfiles", "-Wl,-e,own_entry", "-Wl,-z,force-bti")
    libraries = [_library("library", "library" in marked), _library("opened", "opened" in marked)]
    return Recipe(f"{name} ({libc})", _CASES / "program.c", tuple(libraries), needs=("library",), compile=compile,
                  link=(*link, "-Wl,-z,now"), libcs=(libc,), machines=("aarch64",), environment=_EMULATED, shows=shows,
                  **choices)


def _recipes():
    for libc in ("glibc", "none"):
        yield _recipe("where everything has landing pads they are checked", _WHERE, libc)
        yield _recipe("where nothing has landing pads nothing is checked", (), libc)
        yield _recipe("landing pads of the program alone are checked", ("program",), libc)
        yield _recipe("landing pads of the libraries alone are checked", ("library", "opened"), libc)
    yield _recipe("the landing pads of a program at a fixed address are checked", ("program",), "glibc", pie=False)
    # musl's loader has nothing checked.
    yield _recipe("landing pads of the libraries alone are checked", ("library", "opened"), "musl", refused=())


RECIPES = list(_recipes())
