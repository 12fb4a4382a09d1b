"""Opens, closes, look-ups, walks, first uses of TLS, thread births and exceptions, all at once."""

from sources import sources_of
from workshop.recipe import Library

from .common import answers, opening, with_cplusplus

_CASES = sources_of(__file__)

GUESTS = tuple(Library(f"guest{n}", f"static __thread int own = {n * 100};\nint guest(void) {{ return own + 1; }}\n")
               for n in range(4))
_NONE_WRONG = {"shows": ("wrong: 0",)}


def together(name, program, *libraries, **choices):
    """A program, a file that includes together.h."""
    return opening(name, program, *libraries, **{**_NONE_WRONG, **choices})


def together_with_cplusplus(name, program, *libraries, **choices):
    return with_cplusplus(name, program, *libraries, **{**_NONE_WRONG, **choices})


_ONE_OBJECT = together(
    "eight threads open and close one object", _CASES / "one_object.c", *GUESTS, libcs=("glibc",), newer_libcs=True)

_MUSL_ONE_OBJECT = together(
    "eight threads open and close objects under musl",
    _CASES / "musl_one_object.c", *GUESTS, libcs=("musl",), newer_libcs=True)

_SHARED_BELOW = together(
    "threads that open and close different objects share what these need",
    _CASES / "shared_below.c", answers("below", "below", 40),
    *(Library(f"user{n}", f"int below(void);\nint user(void) {{ return below() + {n}; }}\n", needs=("below",))
      for n in range(4)), libcs=("glibc",))

_LOOKUPS = together(
    "look-ups are right while other objects come and go",
    _CASES / "lookups.c", answers("stable", "stable", 77), *GUESTS)

_WALKS = together(
    "dl_iterate_phdr shows whole objects while others come and go",
    _CASES / "walks.c", answers("stable", "stable", 77), *GUESTS)

COUNTER = Library("counter", "static __thread int count = 50;\nint next(void) { return ++count; }\n")
_STORAGE = together(
    "each thread's TLS of an open object is its own while others come and go",
    _CASES / "storage.c", COUNTER, *GUESTS, newer_libcs=True)

_BIRTHS = together(
    "threads are born and use a guest's TLS while it is opened and closed",
    _CASES / "births.c", *GUESTS, libcs=("glibc",), newer_libcs=True)

_EXCEPTIONS = together_with_cplusplus(
    "exceptions find their way in many threads while objects come and go", _CASES / "exceptions.cc",
    Library("catcher", """
extern "C" int catches(int (*function)(int), int argument) {
  try { return function(argument); } catch (int number) { return -number; }
}
""", language="c++"), *GUESTS, newer_libcs=True)

_CONSTRUCTORS = together(
    "constructors that open other objects do so from many threads", _CASES / "constructors.c",
    *GUESTS, *(Library(f"opener{n}", f"""
#include <dlfcn.h>
static void *guest;
__attribute__((constructor)) static void begin(void) {{ guest = dlopen("libguest{n}.so", RTLD_NOW); }}
__attribute__((destructor)) static void end(void) {{ dlclose(guest); }}
int inside(void) {{ return ((int (*)(void))dlsym(guest, "guest"))(); }}
""") for n in range(2)), libcs=("glibc",))

_THREAD_IN_CONSTRUCTOR = together_with_cplusplus(
    "a constructor can wait for a thread that throws, walks the objects and uses TLS",
    _CASES / "thread_in_constructor.cc",
    Library("starter", _CASES / "libstarter.cc", language="c++"), shows=("seen: 6", "wrong: 0"))

_ERRORS = together(
    "each thread reads its own errors", _CASES / "errors.c")

RECIPES = [
    _ONE_OBJECT, _MUSL_ONE_OBJECT, _SHARED_BELOW, _LOOKUPS, _WALKS, _STORAGE, _BIRTHS, _EXCEPTIONS, _CONSTRUCTORS,
    _THREAD_IN_CONSTRUCTOR, _ERRORS,
]
