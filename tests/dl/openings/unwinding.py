"""Exceptions, cancellation, pthread_exit and backtraces through opened objects and libc's callbacks."""

from sources import sources_of
from workshop.recipe import Library

from .common import opening, with_cplusplus

_CASES = sources_of(__file__)

_THROWER = Library("thrower", _CASES / "libthrower.cc", language="c++")

_EXCEPTIONS = with_cplusplus(
    "an exception thrown in an opened object is caught in the program, and the other way round",
    _CASES / "exceptions.cc",
    _THROWER, newer_libcs=True, shows=("caught: number 5", "unwound: 1", "caught in the object: -8"))

_BETWEEN = with_cplusplus(
    "an exception passes from one opened object through another into a third", """
int main() {
  void *catcher = opened("libcatcher.so", RTLD_NOW), *passer = opened("libpasser.so", RTLD_NOW);
  void *thrower = opened("libthrows.so", RTLD_NOW);
  auto catches = (int (*)(void *, void *))found(catcher, "catches");
  say_number("caught", catches(found(passer, "passes"), found(thrower, "throws")));
  return 0;
}
""", Library("throws", 'struct Trouble { int number; };\nextern "C" int throws() { throw Trouble{33}; }\n',
             language="c++"),
    Library("passer", "int passes(int (*function)(void)) { return function() + 1; }\n", compile=("-fexceptions",)),
    Library("catcher", """
struct Trouble { int number; };
extern "C" int catches(int (*through)(int (*)()), int (*function)()) {
  try { return through(function); } catch (const Trouble &trouble) { return trouble.number; }
}
""", language="c++"), shows=("caught: 33",))

_WITHOUT_CPLUSPLUS = opening(
    "a C program opens a C++ object that throws and catches", """
int main(void) {
  say_number("caught", answer(opened("libwhole.so", RTLD_NOW), "throw_and_catch"));
  return 0;
}
""", Library("whole", """
#include <stdexcept>
#include <string>
static int thrown(int number) { throw std::out_of_range(std::string(number, 'x')); }
extern "C" int throw_and_catch() {
  try { return thrown(7); } catch (const std::logic_error &error) { return std::string(error.what()).size(); }
}
""", language="c++"), libcs=("glibc",), newer_libcs=True, shows=("caught: 7",))

_CALLBACKS = with_cplusplus(
    "an exception leaves qsort and bsearch through a comparison in an opened object", _CASES / "callbacks.cc",
    Library("compares", """
extern "C" int compare(const void *one, const void *other) {
  if (*(const int *)one == 9 || *(const int *)other == 9) throw 9;
  return *(const int *)one - *(const int *)other;
}
""", language="c++"), shows=("qsort: 9", "bsearch: 9"))

_CLEANS = Library("cleans", _CASES / "libcleans.c", compile=("-fexceptions",))
_ENDS = opening(
    "pthread_exit and cancellation unwind through an opened object", _CASES / "ends.c",
    _CLEANS, newer_libcs=True, shows=("cleanup: of pthread_exit", "left with: 7", "cleanup: of cancellation"))

_DESTRUCTORS = with_cplusplus(
    "pthread_exit and cancellation destroy the objects in the frames of an opened object", _CASES / "destructors.cc",
    Library("frames", """
#include <pthread.h>
#include <unistd.h>
#include "observe.h"
struct Announced { const char *name; ~Announced() { say_text("destroyed", name); } };
extern "C" void leaves() { Announced announced{"by pthread_exit"}; pthread_exit(nullptr); }
extern "C" void waits() { Announced announced{"by cancellation"}; for (;;) pause(); }
""", language="c++"), newer_libcs=True, shows=("destroyed: by pthread_exit", "destroyed: by cancellation"))

_THROUGH = Library("through", "int through(int (*function)(void)) { return function() + 1; }\n")
_BACKTRACE = opening(
    "backtrace sees the frames of an opened object and of the program",
    _CASES / "backtrace.c", _THROUGH, libcs=("glibc",), newer_libcs=True, link=("-rdynamic",),
    shows=("frame: called_back", "frame: through", "frame: main"))

_BACKTRACE_SYMBOLS = opening(
    "backtrace_symbols names the frames of an opened object and of the program",
    _CASES / "backtrace_symbols.c", _THROUGH, libcs=("glibc",), newer_libcs=True, link=("-rdynamic",))

_BACKTRACE_LINES = opening(
    "the lines of backtrace_symbols and of backtrace_symbols_fd are libc's own", _CASES / "backtrace_lines.c",
    _THROUGH, libcs=("glibc",), newer_libcs=True, link=("-rdynamic",),
    shows=("line: (named+0)", "written: (named+0x0)"))

_FIND_OBJECT = opening(
    "_dl_find_object finds the object of an address, the unwind table in it, and nothing when it is closed",
    _CASES / "find_object.c",
    Library("findable", "int function(void) { return 1; }\n"), libcs=("glibc",), newer_libcs=True,
    compile=("-fPIC",), shows=("found: 0", "the program: 0", "libc: 0", "the stack: -1", "closed: -1"))

_IN_CONSTRUCTOR = with_cplusplus(
    "an exception in the constructor of an opened object is caught there", """
int main() {
  say_number("caught", answer(opened("libconstructs.so", RTLD_NOW), "caught"));
  return 0;
}
""", Library("constructs", """
static int number;
__attribute__((constructor)) static void begin() { try { throw 12; } catch (int thrown) { number = thrown; } }
extern "C" int caught() { return number; }
""", language="c++"), shows=("caught: 12",))

_SHARED_TYPE = with_cplusplus(
    "a type thrown by one local object is the same type in another", """
int main() {
  void *one = opened("libone.so", RTLD_NOW | RTLD_LOCAL), *two = opened("libtwo.so", RTLD_NOW | RTLD_LOCAL);
  auto throws = (void (*)(int))found(one, "throws1");
  auto catches = (int (*)(void (*)(int)))found(two, "catches2");
  say_number("caught", catches(throws));
  return 0;
}
""", *(Library(name, f"""
template <typename Type> struct Carried {{ Type value; virtual ~Carried() {{}} }};
extern "C" void throws{number}(int value) {{ Carried<int> carried; carried.value = value; throw carried; }}
extern "C" int catches{number}(void (*function)(int)) {{
  try {{ function(5); }} catch (const Carried<int> &carried) {{ return carried.value + {number}; }}
  return 0;
}}
""", language="c++") for number, name in enumerate(("one", "two"), 1)), shows=("caught: 7",))

RECIPES = [
    _EXCEPTIONS, _BETWEEN, _WITHOUT_CPLUSPLUS, _CALLBACKS, _ENDS, _DESTRUCTORS, _BACKTRACE, _BACKTRACE_SYMBOLS,
    _BACKTRACE_LINES, _FIND_OBJECT, _IN_CONSTRUCTOR, _SHARED_TYPE,
]
