"""C++ over several modules: exceptions, types, threads, streams. glibc only: Debian has no C++ library for musl."""

from sources import sources_of
from workshop.recipe import Library, Recipe

_CASES = sources_of(__file__)


def _cplusplus(name, program, *libraries, **choices):
    return Recipe(name, program, libraries, language="c++", **{"libcs": ("glibc",), **choices})


def _library(name, source, language="c++", **choices):
    return Library(name, source, language=language, **choices)


_SHAPES = _library("shapes", _CASES / "libshapes.cc")

_EXCEPTIONS = _cplusplus(
    "exceptions cross modules in both directions", _CASES / "exceptions.cc",
    _SHAPES, compilers=("gcc", "clang"), linkers=("gnu", "lld"),
    shows=("caught 17", "back 1 -1", "out of range"))

_THROUGH_C = _cplusplus(
    "an exception passes through frames of a C library", _CASES / "through_c.cc",
    _library("pass", "int pass(int (*function)(int), int argument) { return function(argument) + 1; }\n",
              language="c", compile=("-fexceptions",)), shows=("unwound", "caught 6"))

_UNCAUGHT = _cplusplus("an exception that nobody catches ends the program by SIGABRT", """
#include <cstdio>
int main() { std::puts("before"); std::fflush(stdout); throw 5; }
""", status=-6, shows=("before",), machines=("x86_64",))

_TYPES = _cplusplus(
    "a type is the same in two modules", _CASES / "types.cc",
    _SHAPES, shows=("corners 4", "cast yes", "type yes"))

_THREAD_LOCAL = _cplusplus(
    "thread_local objects are constructed and destroyed in each thread",
    _CASES / "thread_local.cc", _library("local", """
#include <cstdio>
struct Counted {
  int number = 100;
  ~Counted() { std::printf("library's destroyed with %d\\n", number); }
};
static thread_local Counted counted;
int &in_library() { return counted.number; }
"""), link=("-pthread",), linkers=("gnu", "lld"), shows=("library 102", "main's 1, library's 100"))

_STD_THREADS = _cplusplus(
    "std::thread, mutex, condition_variable, call_once and future work",
    _CASES / "std_threads.cc", link=("-pthread",), shows=("total 1010", "future 12"))

_EXCEPTION_IN_THREAD = _cplusplus("an exception in a thread reaches main by a future", """
#include <future>
#include <iostream>
#include <stdexcept>
int main() {
  auto result = std::async(std::launch::async, []() -> int { throw std::logic_error("carried over"); });
  try { result.get(); } catch (const std::exception &exception) { std::cout << exception.what() << std::endl; }
  return 0;
}
""", link=("-pthread",), shows=("carried over",))

_STREAMS = _cplusplus(
    "streams, strings, containers and regular expressions work",
    _CASES / "streams.cc", compile=("-std=c++17",), shows=("a=3 b=2 c=1 3.14 ff",), page_sizes=())

_INLINE = _cplusplus(
    "an inline variable and a function's static are one over the program and a library",
    _CASES / "inline.cc", _library("inline", """
inline int shared = 10;
inline int &counter() { static int count = 20; return count; }
int *library_shared() { return &shared; }
int *library_counter() { return &counter(); }
"""), compilers=("gcc", "clang"), linkers=("gnu", "lld"), compile=("-std=c++17",), shows=("21",))

_NEW = _cplusplus(
    "the program's operator new is the library's and the C++ library's too",
    _CASES / "new.cc", _library("makes", "int *made_in_library() { return new int(3); }\n"), shows=("library 1",))

RECIPES = [_EXCEPTIONS, _THROUGH_C, _UNCAUGHT, _TYPES, _THREAD_LOCAL, _STD_THREADS, _EXCEPTION_IN_THREAD, _STREAMS,
           _INLINE, _NEW]
