"""What programs read of the loader beside what it answers: lists, tables in memory, texts, and what stays or leaves."""

from sources import sources_of
from workshop.recipe import Library

from .common import answers, opening

_CASES = sources_of(__file__)
_ONE = answers("one", "one", 1)

_VDSO = opening(
    "the vDSO stands behind the program in the list and can be opened", _CASES / "vdso.c", libcs=("glibc",),
    newer_libcs=True, shows=("opened: 1", "has a clock: 1", "its place in the list: 1"), machines=("x86_64",))

_DEBUG_COPY = opening(
    "a program's own copy of _r_debug is kept", _CASES / "debug_copy.c", _ONE, libcs=("glibc",), newer_libcs=True,
    pie=False, shows=("before: 0", "open: 1", "closed: 0", "one for all: 1"))

_DYNAMIC = opening(
    "dynamic sections have addresses where glibc leaves them", _CASES / "dynamic.c", _ONE,
    Library("signed", "int signed_(void) { return 1; }\n", link=("-Wl,--hash-style=both", "-Wl,-z,now")),
    libcs=("glibc",), newer_libcs=True, shows=("DT_STRTAB: 1", "DT_PLTGOT: 1", "DT_HASH: 1", "DT_INIT: 0"))

_UNSEALED_DYNAMIC = opening(
    "dynamic sections have addresses without any seal, too", _CASES / "dynamic.c", _ONE,
    Library("signed", "int signed_(void) { return 1; }\n"), libcs=("glibc",), environment=(("LDSEAL", "off"),),
    shows=("DT_STRTAB: 1",))

_MUSL_DYNAMIC = opening(
    "dynamic sections stay as they are under musl", _CASES / "dynamic.c", _ONE,
    Library("signed", "int signed_(void) { return 1; }\n"), libcs=("musl",), machines=("x86_64",))

_SAME_IN_A_WALK = opening(
    "one walk of dl_iterate_phdr has the same counts, and dlinfo the same headers", _CASES / "same_in_a_walk.c", _ONE,
    libcs=("glibc",), newer_libcs=True, shows=("some: 1", "differing: 0"))

_ORDER_OF_LOADING = opening(
    "objects are listed in the order of loading", _CASES / "order_of_loading.c", _ONE,
    answers("deep", "deep", 4), answers("linked", "linked", 3, needs=("deep",)), answers("below", "below", 5),
    answers("two", "two", 2, needs=("linked", "below")), needs=("linked",), newer_libcs=True,
    shows=("listed: liblinked.so", "in link_map: libdeep.so", "listed: libbelow.so"))

_CLEARED = opening(
    "an error is forgotten by the calls that forget it in this libc", _CASES / "cleared.c", _ONE, newer_libcs=True)

_WORDS = opening(
    "dlerror has this libc's words", _CASES / "words.c", _ONE,
    Library("lacking", "int absent(void);\nint wants(void) { return absent(); }\n"), newer_libcs=True)

_AT_EXIT = opening(
    "an object is opened while the process ends, if this libc does that", _CASES / "opens_at_exit.c", _ONE,
    answers("two", "two", 2), newer_libcs=True)

_KEPT = opening(
    "what RTLD_DEFAULT has found stays", _CASES / "kept.c", _ONE, answers("two", "two", 2), answers("three", "three", 3),
    Library("asker", "#include \"opens.h\"\nint ask(void) { return answer(RTLD_DEFAULT, \"one\"); }\n"), newer_libcs=True)

_LATE = opening(
    "late-bound functions see what later openings bring", _CASES / "late.c", Library("base", _CASES / "libbase.c"),
    Library("first", "int call(void);\nint first(void) { return call(); }\n", needs=("base",)),
    Library("second", "int call(void);\nint provided(void) { return 42; }\nint optional(void) { return 43; }\n"
            "int second(void) { return call(); }\n", needs=("base",)),
    libcs=("glibc",), newer_libcs=True, shows=("weak: 43", "strong: 42"))

_FILTEE = Library("filtee", "int answer_of_both(void) { return 1; }\n")


def _filter(flag, filtee, *libraries, opened=False, where="", **choices):
    source = "int answer_of_both(void) { return 2; }\nint only_of_the_filter(void) { return 3; }\n"
    how = {"compile": ("-DOPENED",)} if opened else {"needs": ("filter",)}
    what = "opened" if opened else "linked"
    return opening(f"a filter with {flag} of {filtee}, {what}{where}", _CASES / "filter.c", *libraries,
                   Library("filter", source, link=(f"-Wl,{flag},lib{filtee}.so", "-Wl,-rpath,{lib}")),
                   **{"libcs": ("glibc",), "newer_libcs": True, **how, **choices})


_FILTERS = [
    _filter("-F", "filtee", _FILTEE, shows=("both: 1", "only: 3")),
    _filter("-f", "filtee", _FILTEE, shows=("both: 1", "only: 3")),
    _filter("-f", "nothing", shows=("both: 2",)),
    _filter("-F", "filtee", _FILTEE, opened=True, shows=("both: 1", "only: 3", "left: 0")),
    _filter("-f", "filtee", _FILTEE, opened=True, shows=("both: 1",)),
    _filter("-F", "nothing", opened=True, shows=("opened: 0",)),
    _filter("-f", "nothing", opened=True, shows=("both: 2",)),
    _filter("-F", "filtee", _FILTEE, where=" under musl", libcs=("musl",)),
]

_CLOSE_AGAIN = opening(
    "closing once more is what it is in this libc", _CASES / "close_again.c", _ONE, answers("two", "two", 2),
    Library("other", "int other(void) { return 4; }\n", link=("-Wl,-soname,libsoname.so",)),
    Library("unwilling", "int unwilling(void) { return 5; }\n", link=("-Wl,-z,nodlopen",)), newer_libcs=True)

_MUSLS_ANSWERS = opening(
    "musl's answers are musl's", _CASES / "musls_answers.c",
    # What makes a position-independent program of it in glibc's eyes, which musl does not look at.
    Library("program", "int in_program(void) { return 6; }\n", link=("-Wl,-pie", "-Wl,-z,undefs", "-Wl,-E")),
    libcs=("musl",), newer_libcs=True, machines=("x86_64",), shows=("closing what is no handle: 1", "a program: 6"))

RECIPES = [_VDSO, _ORDER_OF_LOADING, _DEBUG_COPY, _DYNAMIC, _UNSEALED_DYNAMIC, _MUSL_DYNAMIC, _SAME_IN_A_WALK,
           _CLEARED, _WORDS, _KEPT, _AT_EXIT, _LATE, *_FILTERS, _CLOSE_AGAIN, _MUSLS_ANSWERS]
