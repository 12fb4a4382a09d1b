"""Constructors and destructors: in which order, with what arguments, and after which ways to leave."""

from sources import sources_of
from workshop.recipe import Library, Recipe, variants

_CASES = sources_of(__file__)

_WITH_LIBC = ("musl", "glibc")


def _announcing(name, needs=(), extra="", link=(), language="c"):
    """A library that says when it is constructed and destroyed."""
    return Library(name, f"""
#include "observe.h"
int alive_{name};
__attribute__((constructor)) static void begin(void) {{ alive_{name} = 1; say("begin {name}"); }}
__attribute__((destructor)) static void end(void) {{ say("end {name}"); }}
{extra}
""", needs=needs, link=link, language=language)


_CHAIN = (_announcing("bottom"), _announcing("middle", ("bottom",)), _announcing("top", ("middle",)))


def _leaving(how, statement, status=3):
    return Recipe(f"after {how} destructors run as libc has it", _CASES / "leaves.c", _CHAIN,
                  needs=("top",), compile=(f"-DLEAVE={statement}",), libcs=_WITH_LIBC, status=status,
                  shows=("begin program", "main"))


_NO_LIBC_PROGRAM = """
#include "observe.h"
int main(void) { say("main"); return 0; }
"""


def _graph(name, libraries, needs, **choices):
    """The order of constructors alone, without libc; and of both, with libc."""
    libcs = choices.pop("libcs", ("none", *_WITH_LIBC))
    if "none" in libcs:
        yield Recipe(f"{name}, without libc", _NO_LIBC_PROGRAM, libraries, needs=needs, libcs=("none",), **choices)
    yield Recipe(name, _CASES / "leaves.c", libraries, needs=needs, compile=("-DLEAVE=return 0",),
                 libcs=tuple(libc for libc in libcs if libc != "none"), **choices)


_DIAMOND = (_announcing("bottom"), _announcing("left", ("bottom",)), _announcing("right", ("bottom", "left")))
_WIDE = tuple(_announcing(f"side{n}") for n in range(6))
_CYCLE = (Library("second_once", "", link=("-Wl,-soname,libsecond.so",)),
          _announcing("first", ("second_once",)), _announcing("second", ("first",)))
_DEEP_LATE = (_announcing("deep"), _announcing("near", ("deep",)), _announcing("far", ("near",)))

_PRIORITIES_SOURCE = """
#include "observe.h"
__attribute__((constructor)) static void plain(void) { say("begin WHO plain"); }
__attribute__((constructor(102))) static void second(void) { say("begin WHO 102"); }
__attribute__((constructor(101))) static void first(void) { say("begin WHO 101"); }
__attribute__((destructor)) static void end_plain(void) { say("end WHO plain"); }
__attribute__((destructor(102))) static void end_second(void) { say("end WHO 102"); }
__attribute__((destructor(101))) static void end_first(void) { say("end WHO 101"); }
"""
_PRIORITIES = Recipe(
    "constructors with priorities run in their order", _PRIORITIES_SOURCE.replace("WHO", "program") +
    'int main(void) { say("main"); return 0; }\n',
    (Library("priorities", _PRIORITIES_SOURCE.replace("WHO", "library")),), libcs=_WITH_LIBC, linkers=("gnu", "lld"),
    shows=("begin library 101", "end program 101"))

_INIT_FINI_SOURCE = """
#include "observe.h"
void own_init(void) { say("DT_INIT of WHO"); }
void own_fini(void) { say("DT_FINI of WHO"); }
__attribute__((constructor)) static void begin(void) { say("DT_INIT_ARRAY of WHO"); }
__attribute__((destructor)) static void end(void) { say("DT_FINI_ARRAY of WHO"); }
"""
_INIT_FINI_FLAGS = ("-Wl,-init=own_init", "-Wl,-fini=own_fini")
_INIT_FINI_LIBRARY = Library("initialised", _INIT_FINI_SOURCE.replace("WHO", "library"), link=_INIT_FINI_FLAGS)
# On aarch64 musl leaves DT_INIT and DT_FINI out, so `shows` does not ask for them.
_INIT_FINI = Recipe(
    "DT_INIT runs before DT_INIT_ARRAY and DT_FINI after DT_FINI_ARRAY", _INIT_FINI_SOURCE.replace("WHO", "program") +
    'int main(void) { say("main"); return 0; }\n', (_INIT_FINI_LIBRARY,), link=_INIT_FINI_FLAGS, libcs=_WITH_LIBC,
    linkers=("gnu", "lld"), shows=("DT_INIT_ARRAY of library", "DT_FINI_ARRAY of program"))
_INIT_NO_LIBC = Recipe(
    "DT_INIT and DT_INIT_ARRAY of a library run without libc", _NO_LIBC_PROGRAM, (_INIT_FINI_LIBRARY,),
    libcs=("none",), linkers=("gnu", "lld"), shows=("DT_INIT of library", "DT_INIT_ARRAY of library"))

_PREINIT_SOURCE = """
#include "observe.h"
static void early(void) { say("preinit"); }
__attribute__((section(".preinit_array"), used)) static void (*const preinit)(void) = early;
__attribute__((constructor)) static void begin(void) { say("begin program"); }
int main(void) { say("main"); return 0; }
"""
_PREINIT = Recipe(
    "the program's preinit array runs before every constructor", _PREINIT_SOURCE, (_announcing("plain"),),
    libcs=("none", "glibc"), linkers=("gnu", "lld"), shows=("preinit", "begin plain"))

_ARGUMENTS_SOURCE = """
#include "observe.h"
__attribute__((constructor)) static void begin(int argc, char **argv, char **environment) {
  int count = 0;
  say_number("WHO: argc", argc);
  for (int n = 1; n < argc; ++n) say_text("WHO: argument", argv[n]);
  for (; *environment; ++environment) count += same_text(*environment, "WANTED=found");
  say_number("WHO: in the environment", count);
}
"""
_ARGUMENTS = Recipe(
    "constructors are given argc, argv and the environment", _ARGUMENTS_SOURCE.replace("WHO", "program") +
    "int main(void) { return 0; }\n", (Library("asks", _ARGUMENTS_SOURCE.replace("WHO", "library")),),
    libcs=("glibc",), arguments=("one", "two words"), environment=(("WANTED", "found"),),
    shows=("library: argument: two words", "program: in the environment: 1"))
_ARGUMENTS_NO_LIBC = variants(
    _ARGUMENTS, name="constructors of a library are given argc, argv and the environment without libc",
    program=_NO_LIBC_PROGRAM, libcs=("none",), shows=("library: argc: 3", "library: in the environment: 1"))

_USES_LIBC = Recipe(
    "constructors and destructors can use stdio, malloc, the environment and atexit", _CASES / "uses_libc.c",
    (Library("uses", _CASES / "libuses.c"),), libcs=_WITH_LIBC,
    shows=("kept set by a constructor", "atexit of the library's constructor"))

_NEEDS_ALIVE = Recipe(
    "a destructor can call the libraries its own library needs", """
#include "observe.h"
int main(void) { say("main"); return 0; }
""", (Library("lower", """
#include "observe.h"
static int alive;
__attribute__((constructor)) static void begin(void) { alive = 1; }
__attribute__((destructor)) static void end(void) { alive = 0; say("end lower"); }
int is_alive(void) { return alive; }
"""), Library("upper", """
#include "observe.h"
int is_alive(void);
__attribute__((constructor)) static void begin(void) { claim("alive in the constructor", is_alive()); }
__attribute__((destructor)) static void end(void) { claim("alive in the destructor", is_alive()); }
""", needs=("lower",))), needs=("upper",), libcs=_WITH_LIBC, shows=("alive in the destructor: yes", "end lower"))

_EXIT_IN_CONSTRUCTOR = Recipe(
    "exit in a library's constructor ends the process as libc has it", _CASES / "leaves.c",
    (_announcing("bottom"), Library("leaves", """
#include <stdlib.h>
#include "observe.h"
__attribute__((constructor)) static void begin(void) { say("begin leaves"); exit(5); }
__attribute__((destructor)) static void end(void) { say("end leaves"); }
""", needs=("bottom",)), _announcing("top", ("leaves",))), needs=("top",), compile=("-DLEAVE=return 0",),
    libcs=_WITH_LIBC, status=5,
    shows=("begin bottom", "begin leaves"))


# glibc before 2.41 lets the second thread end the process.
_TWO_EXITS = Recipe(
    "a thread that calls exit meanwhile does not cut destructors off", _CASES / "two_exits.c", (Library("slow", """
#include <unistd.h>
#include "observe.h"
static volatile int begun;
int has_begun(void) { return begun; }
__attribute__((destructor)) static void end(void) { begun = 1; usleep(100000); say("end slow"); }
"""),), libcs=("musl",), link=("-pthread",), shows=("main", "end slow"))


def _statics(name):
    return ("-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", f'-DNAME="{name}"', f"-DUSE=use_{name}")


_STATICS = Recipe(
    "static C++ objects are destroyed in the reverse order of their construction", _CASES / "statics.cc",
    tuple(Library(name, _CASES / "statics.cc", needs=needs, language="c++", compile=_statics(name))
          for name, needs in (("lower", ()), ("upper", ("lower",)))), needs=("upper", "lower"), language="c++",
    compile=_statics("program"), libcs=_WITH_LIBC,
    shows=("constructed: lower first", "destroyed: upper inside a function"))

_FINI_BY_PROGRAM = Recipe(
    "a program without libc runs the destructors by the function that the loader hands it", _NO_LIBC_PROGRAM, _CHAIN,
    needs=("top",), compile=("-DCALL_LOADER_FINI",), libcs=("none",),
    known="begin bottom\nbegin middle\nbegin top\nmain\nend top\nend middle\nend bottom\n")

RECIPES = [
    _leaving("a return from main", "return 3"),
    _leaving("a call of exit", "exit(3)"),
    _leaving("a call of the system call _exit", "_exit(3)"),
    _leaving("a call of quick_exit", "quick_exit(3)"),
    _leaving("a call of abort", "abort()", status=-6),
    *_graph("libraries are constructed after what they need", _CHAIN, ("top",), shows=("begin bottom",)),
    *_graph("a library linked in the wrong order is still constructed first", _DEEP_LATE, ("far", "near", "deep")),
    *_graph("a library that two others need is constructed once", _DIAMOND, ("left", "right")),
    *_graph("libraries that need nothing are constructed in the loader's order", _WIDE, None,
            libcs=("none", "glibc")),
    *_graph("a preloaded library is constructed in the loader's order", (*_CHAIN, _announcing("preloaded")), ("top",),
            preload=("preloaded",), libcs=("none", "glibc")),
    *_graph("libraries that need each other are each constructed once", _CYCLE, ("first",), libcs=("none", "glibc")),
    _PRIORITIES, _INIT_FINI, _INIT_NO_LIBC, _PREINIT, _ARGUMENTS, _ARGUMENTS_NO_LIBC, _USES_LIBC, _NEEDS_ALIVE,
    _EXIT_IN_CONSTRUCTOR, _TWO_EXITS, _STATICS, _FINI_BY_PROGRAM,
]
