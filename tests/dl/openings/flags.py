"""The second argument of dlopen: when to bind, who sees the symbols, what stays loaded."""

from sources import sources_of
from workshop.recipe import Library

from .common import answers, opening

_CASES = sources_of(__file__)

_LAZY_LIBRARY = Library("unbound", """
int nobody_has_this(void);
int calls_it(void) { return nobody_has_this(); }
int leaves_it(void) { return 4; }
""", link=("-Wl,-z,lazy",))

_LAZY = opening(
    "RTLD_LAZY opens an object whose function nobody defines", """
int main(void) {
  say_number("answer", answer(opened("libunbound.so", RTLD_LAZY), "leaves_it"));
  return 0;
}
""", _LAZY_LIBRARY, shows=("answer: 4",))

_NOW = opening(
    "RTLD_NOW refuses an object whose function nobody defines", """
int main(void) {
  claim("refused", refused("libunbound.so", RTLD_NOW));
  claim("not mapped", !is_mapped("libunbound.so"));
  return 0;
}
""", _LAZY_LIBRARY)

_LD_BIND_NOW = opening(
    "LD_BIND_NOW makes RTLD_LAZY refuse an object whose function nobody defines", """
int main(void) {
  claim("refused", refused("libunbound.so", RTLD_LAZY));
  return 0;
}
""", _LAZY_LIBRARY, libcs=("glibc",), environment=(("LD_BIND_NOW", "1"),))

_LAZY_DATA = opening(
    "RTLD_LAZY refuses an object whose data nobody defines", """
int main(void) {
  claim("refused", refused("libneedy.so", RTLD_LAZY));
  return 0;
}
""", Library("needy", "extern int nobody_has_this;\nint take(void) { return nobody_has_this; }\n"), libcs=("glibc",))

_PROVIDES = answers("provides", "provided", 31)
_WANTS = Library("wants", "int provided(void);\nint taken(void) { return provided() + 1; }\n")

_GLOBAL = opening(
    "an object opened with RTLD_GLOBAL gives its symbols to those opened later", """
int main(void) {
  opened("libprovides.so", RTLD_NOW | RTLD_GLOBAL);
  say_number("taken", answer(opened("libwants.so", RTLD_NOW), "taken"));
  return 0;
}
""", _PROVIDES, _WANTS, shows=("taken: 32",))

_LOCAL = opening(
    "an object opened with RTLD_LOCAL keeps its symbols from those opened later", """
int main(void) {
  opened("libprovides.so", RTLD_NOW | RTLD_LOCAL);
  claim("refused", refused("libwants.so", RTLD_NOW));
  claim("not in the default scope", unknown(RTLD_DEFAULT, "provided"));
  return 0;
}
""", _PROVIDES, _WANTS)

_PROMOTED = opening(
    "opening a local object again with RTLD_GLOBAL makes it global", """
int main(void) {
  void *handle = opened("libprovides.so", RTLD_NOW | RTLD_LOCAL);
  claim("refused before", refused("libwants.so", RTLD_NOW));
  claim("the same handle", opened("libprovides.so", RTLD_NOW | RTLD_GLOBAL) == handle);
  say_number("taken", answer(opened("libwants.so", RTLD_NOW), "taken"));
  return 0;
}
""", _PROVIDES, _WANTS, shows=("taken: 32",))

_PROMOTED_BELOW = opening(
    "RTLD_NOLOAD with RTLD_GLOBAL makes an object and what it needs global", """
int main(void) {
  opened("libabove.so", RTLD_NOW | RTLD_LOCAL);
  claim("refused before", refused("libwants.so", RTLD_NOW));
  opened("libabove.so", RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL);
  say_number("taken", answer(opened("libwants.so", RTLD_NOW), "taken"));
  return 0;
}
""", _PROVIDES, answers("above", "above", 1, needs=("provides",)), _WANTS, shows=("taken: 32",))

_STAYS_GLOBAL = opening(
    "opening a global object again with RTLD_LOCAL leaves it global", """
int main(void) {
  opened("libprovides.so", RTLD_NOW | RTLD_GLOBAL);
  opened("libprovides.so", RTLD_NOW | RTLD_LOCAL);
  say_number("taken", answer(opened("libwants.so", RTLD_NOW), "taken"));
  return 0;
}
""", _PROVIDES, _WANTS, shows=("taken: 32",))

_GLOBAL_GONE = opening(
    "a global object that was closed gives nothing to those opened later", """
int main(void) {
  closed(opened("libprovides.so", RTLD_NOW | RTLD_GLOBAL));
  claim("not in the default scope", unknown(RTLD_DEFAULT, "provided"));
  claim("refused", refused("libwants.so", RTLD_NOW));
  return 0;
}
""", _PROVIDES, _WANTS, libcs=("glibc",))

_NOLOAD = opening(
    "RTLD_NOLOAD answers only for an object that is there", """
int main(void) {
  claim("not there", dlopen("libprovides.so", RTLD_NOW | RTLD_NOLOAD) == 0);
  claim("not mapped", !is_mapped("libprovides.so"));
  void *handle = opened("libprovides.so", RTLD_NOW);
  claim("there", dlopen("libprovides.so", RTLD_NOW | RTLD_NOLOAD) == handle);
  return 0;
}
""", _PROVIDES)

_NOLOAD_IS_NO_ERROR = opening(
    "RTLD_NOLOAD of an object that is not there is no error", """
int main(void) {
  claim("not there", dlopen("libprovides.so", RTLD_NOW | RTLD_NOLOAD) == 0);
  claim("no error", dlerror() == 0);
  return 0;
}
""", _PROVIDES, libcs=("glibc",))

_NOLOAD_COUNTS = opening(
    "RTLD_NOLOAD counts as an open", _CASES / "noload_counts.c", _PROVIDES, libcs=("glibc",))

_COUNTER = Library("counter", "static int count;\nint next(void) { return ++count; }\n")

_NODELETE = opening(
    "an object opened with RTLD_NODELETE stays when it is closed, and keeps its data", """
int main(void) {
  void *handle = opened("libcounter.so", RTLD_NOW | RTLD_NODELETE);
  say_number("first", answer(handle, "next"));
  closed(handle);
  claim("mapped", is_mapped("libcounter.so"));
  say_number("second", answer(opened("libcounter.so", RTLD_NOW), "next"));
  return 0;
}
""", _COUNTER, shows=("second: 2",))

_NODELETE_LATER = opening(
    "RTLD_NOLOAD with RTLD_NODELETE pins an object that is there", """
int main(void) {
  void *handle = opened("libcounter.so", RTLD_NOW);
  opened("libcounter.so", RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  closed(handle);
  closed(handle);
  claim("mapped", is_mapped("libcounter.so"));
  return 0;
}
""", _COUNTER)

_NODELETE_FLAG = opening(
    "an object linked with -z nodelete stays when it is closed, and what it needs too", """
int main(void) {
  closed(opened("libpinned.so", RTLD_NOW));
  claim("mapped", is_mapped("libpinned.so"));
  claim("what it needs is mapped", is_mapped("libcounter.so"));
  return 0;
}
""", _COUNTER, answers("pinned", "pinned", 1, needs=("counter",), link=("-Wl,-z,nodelete",)))

_NOT_FOR_OPENING = opening(
    "an object linked with -z nodlopen is refused", """
int main(void) {
  claim("refused", refused("libfixed.so", RTLD_NOW));
  claim("not mapped", !is_mapped("libfixed.so"));
  return 0;
}
""", answers("fixed", "fixed", 1, link=("-Wl,-z,nodlopen",)), libcs=("glibc",))

_PROGRAM_REFUSED = opening(
    "a program is refused", """
int main(int argc, char **argv) {
  claim("refused", refused(argv[1], RTLD_NOW));
  return 0;
}
""", libcs=("glibc",), arguments=("/usr/bin/env",), machines=("x86_64",))

_NO_MODE = opening(
    "neither RTLD_LAZY nor RTLD_NOW is refused", """
int main(void) {
  claim("refused", refused("libprovides.so", 0));
  claim("also for the program", refused(0, RTLD_GLOBAL));
  return 0;
}
""", _PROVIDES, libcs=("glibc",))

_DEEPBIND_LIBRARY = Library("deep", """
int which(void) { return 2; }
int asked(void) { return which(); }
""")
_DEEPBIND_PROGRAM = """
int which(void) { return 1; }
int main(void) {
  say_number("asked", answer(opened("libdeep.so", RTLD_NOW %s), "asked"));
  return 0;
}
"""
_DEEPBIND = opening("RTLD_DEEPBIND prefers the object's own symbols to the program's", _DEEPBIND_PROGRAM %
                    "| RTLD_DEEPBIND", _DEEPBIND_LIBRARY, libcs=("glibc",), link=("-rdynamic",), shows=("asked: 2",))
_NO_DEEPBIND = opening("without RTLD_DEEPBIND the program's symbols win", _DEEPBIND_PROGRAM % "", _DEEPBIND_LIBRARY,
                       link=("-rdynamic",), shows=("asked: 1",))

_DEEPBIND_BELOW = opening(
    "RTLD_DEEPBIND also prefers the symbols of what the object needs", """
int which(void) { return 1; }
int main(void) {
  say_number("asked", answer(opened("libupper.so", RTLD_NOW | RTLD_DEEPBIND), "asked"));
  return 0;
}
""", answers("lower", "which", 3), Library("upper", "int which(void);\nint asked(void) { return which(); }\n",
                                           needs=("lower",)),
    libcs=("glibc",), link=("-rdynamic",), shows=("asked: 3",))

_PROGRAM = opening(
    "dlopen of no name is the program, with what it is linked with and what is global",
    _CASES / "program.c", answers("linked", "linked", 9), answers("local", "local", 10), _PROVIDES, needs=("linked",),
    link=("-rdynamic",), libcs=("glibc",), shows=("own: 8", "linked: 9", "the global one's: 31"))

_SMALL_PROGRAM = opening(
    "the program's handle finds the program's, its libraries' and global symbols",
    _CASES / "small_program.c", answers("linked", "linked", 9), _PROVIDES, needs=("linked",), link=("-rdynamic",),
    shows=("own: 8", "linked: 9", "the global one's: 31"))

RECIPES = [
    _LAZY, _NOW, _LD_BIND_NOW, _LAZY_DATA, _GLOBAL, _LOCAL, _PROMOTED, _PROMOTED_BELOW, _STAYS_GLOBAL, _GLOBAL_GONE,
    _NOLOAD, _NOLOAD_IS_NO_ERROR, _NOLOAD_COUNTS, _NODELETE, _NODELETE_LATER, _NODELETE_FLAG, _NOT_FOR_OPENING,
    _PROGRAM_REFUSED, _NO_MODE, _DEEPBIND, _NO_DEEPBIND, _DEEPBIND_BELOW, _PROGRAM, _SMALL_PROGRAM,
]
