"""Thread-local storage of opened objects: in threads old and new, by every model, fresh after each open, given back."""

from sources import sources_of
from workshop.recipe import MACHINES, Library, variants

from .common import opening, with_cplusplus

_CASES = sources_of(__file__)

CALLS = {"x86_64": ("-mtls-dialect=gnu",), "aarch64": ("-mtls-dialect=trad",)}
DESCRIPTORS = {"x86_64": ("-mtls-dialect=gnu2",), "aarch64": ("-mtls-dialect=desc",)}
INITIAL_EXEC = {machine: ("-ftls-model=initial-exec",) for machine in MACHINES}


def _with_much(flags):
    return {machine: (*words, "-DMUCH") for machine, words in flags.items()}


_EVERYTHING = _CASES / "libeverything.c"

_THREADS = _CASES / "threads.c"
_THREADS_SHOW = ("not fresh: 0", "total: 177", "total: 182", "total: 187", "main's total: 177")


def _in_threads(model, flags, **choices):
    return [opening(f"TLS of an opened object is fresh in every thread by {model} on {machine}", _THREADS,
                    Library("everything", _EVERYTHING, compile=flags[machine]), machines=(machine,),
                    **{"shows": _THREADS_SHOW, **choices}) for machine in MACHINES]


# musl itself refuses initial-exec TLS in opened objects: there is nobody to ask.
_KNOWN_THREADS = "".join(f"who: {who}\nnot fresh: 0\ntotal: {total}\n" for who, total in (
    ("main", 177), ("a thread that ran before", 182), ("a new thread", 187), ("a new thread", 187)))
_INITIAL_EXEC = [
    *_in_threads("initial-exec", INITIAL_EXEC, libcs=("glibc",), newer_libcs=True),
    *(variants(recipe, name=f"{recipe.name} with musl", libcs=("musl",), shows=(),
               known=_KNOWN_THREADS + "main's total: 177\n") for recipe in _in_threads("initial-exec", INITIAL_EXEC)),
]

_LIBCS_THREADS = _CASES / "libcs_threads.c"
_LIBCS_THREADS_SHOW = ("in a timer's thread: all is fresh", "in a reader's thread: all is fresh")


# Threads that libc starts by itself, which wait since before the open and call back after it.
def _in_libcs_threads(model, flags, libcs):
    return [opening(f"TLS of an opened object is fresh in threads of libc's by {model} on {machine}", _LIBCS_THREADS,
                    Library("everything", _EVERYTHING, compile=flags[machine]), machines=(machine,), libcs=libcs,
                    newer_libcs="glibc" in libcs, link=("-pthread", "-lrt"), shows=_LIBCS_THREADS_SHOW)
            for machine in MACHINES]


_TOO_LARGE = opening(
    "initial-exec TLS that does not fit is refused, and what fits is opened after it", """
int main(void) {
  claim("refused", refused("liblarge.so", RTLD_NOW));
  claim("not mapped", !is_mapped("liblarge.so"));
  claim("refused again", refused("liblarge.so", RTLD_NOW));
  say_number("small", answer(opened("libsmall.so", RTLD_NOW), "small"));
  return 0;
}
""", Library("large", "static __thread char much[1 << 20];\nchar *large(void) { return much; }\n",
             compile=("-ftls-model=initial-exec",)),
    Library("small", "static __thread int value = 6;\nint small(void) { return value; }\n",
            compile=("-ftls-model=initial-exec",)), libcs=("glibc",), shows=("small: 6",))

_USED_UP = opening(
    "initial-exec TLS is refused when it is used up, and its place is used again after a close", _CASES / "used_up.c",
    Library("small", "static __thread char some[256];\nstatic __thread int value = 5;\n"
                      "int next(void) { some[255] += 1; return value + some[255]; }\n",
             compile=("-ftls-model=initial-exec",)), libcs=("glibc",), shows=("500 rounds",))

_REUSED = opening(
    "a module number that is used again shows nobody the values of the object before",
    _CASES / "reused.c", Library("one", "static __thread int small = 1;\nint touch(void) { return small += 100; }\n"),
    Library("two", "static __thread int large[1000] = {2, [999] = 3};\n"
                   "int touch(void) { large[0] += 200; return large[0] + large[999]++; }\n"),
    libcs=("glibc",), newer_libcs=True,
    shows=("the thread, first object: 101", "main, second object: 205", "the thread, second object: 205"))

_REOPENED = opening(
    "an object opened again has fresh TLS in a thread that used it before", _CASES / "reopened.c",
    Library("counter", "static __thread int count = 50;\nint next(void) { return ++count; }\n"), libcs=("glibc",),
    shows=("count: 51", "count: 52"))

_NUMBERS = range(20)
_MANY = opening(
    "twenty opened objects have their own TLS while others come and go", _CASES / "many.c",
    *(Library(f"many{n}", f"static __thread int data[{n * 37 + 1}] = {{{n * 1000}}};\n"
                           "int next(void) { return ++data[0]; }\n") for n in _NUMBERS),
    libcs=("glibc",), shows=("wrong: 0",))

_ALIGNED = opening(
    "TLS of an opened object is aligned as it asks", _CASES / "aligned.c",
    Library("aligned", """
static __thread char before = 1;
static __thread __attribute__((aligned(4096))) char page[10] = "page";
int aligned(void) { return (unsigned long)page % 4096 == 0 && page[1] == 'a' && before == 1; }
"""), shows=("aligned: 1",))

_ACROSS = opening(
    "an opened object uses the TLS of the program and of another opened object", _CASES / "across.c",
    Library("other", "__thread int of_other = 15;\n"), Library("user", """
extern __thread int of_program, of_other;
int see_program(void) { return of_program; }
int see_other(void) { return of_other; }
"""), link=("-rdynamic", "-pthread"), shows=("program's: 6", "other's: 16", "program's: 5", "other's: 15"))

_FREED_WITH_THREAD = opening(
    "TLS of opened objects is given back when its thread ends", _CASES / "freed_with_thread.c",
    Library("much", """
#include <string.h>
static __thread char much[1 << 20];
int fill(void) { memset(much, 1, sizeof much); return much[77]; }
"""), machines=("x86_64",), libcs=("glibc", "musl"))

_FREED_WITH_OBJECT = opening(
    "TLS of a closed object is given back by a thread that goes on", _CASES / "freed_with_object.c",
    Library("much", """
#include <string.h>
static __thread char much[1 << 20];
int fill(void) { memset(much, 1, sizeof much); return much[77]; }
"""), machines=("x86_64",), libcs=("glibc",))

_OBJECTS = with_cplusplus(
    "thread_local objects of an opened object are constructed on first use in each thread",
    _CASES / "objects.cc", Library("objects", _CASES / "libobjects.cc", language="c++"), newer_libcs=True,
    shows=("constructed", "value: 52", "destroyed with: 52", "destroyed with: 53"))

_INHERITED = opening(
    "a forked child has the TLS of the thread that forked", _CASES / "inherited.c",
    *(Library(name, "static __thread int count = 50;\nint next(void) { return ++count; }\n")
       for name in ("counter", "counter2")),
    shows=("in the child: 52", "opened in the child: 51", "in the parent: 52"))

RECIPES = [
    *_in_threads("calls", CALLS, newer_libcs=True), *_in_threads("descriptors", DESCRIPTORS, newer_libcs=True),
    *_in_threads("descriptors of a large block", _with_much(DESCRIPTORS)),
    *_in_libcs_threads("calls", CALLS, ("glibc", "musl")), *_in_libcs_threads("initial-exec", INITIAL_EXEC, ("glibc",)),
    *_INITIAL_EXEC, _TOO_LARGE, _USED_UP, _REUSED, _REOPENED, _MANY, _ALIGNED, _ACROSS, _FREED_WITH_THREAD,
    _FREED_WITH_OBJECT, _OBJECTS, _INHERITED,
]
