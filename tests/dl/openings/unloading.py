"""What dlclose takes away, what it must leave, and in which order constructors, destructors and handlers run."""

from sources import sources_of
from workshop.recipe import Library, variants

from .common import announcer, answers, opening, with_cplusplus

_CASES = sources_of(__file__)

_CLOSED = opening(
    "the last close unmaps the object", _CASES / "closed.c", answers("alone", "alone", 1), libcs=("glibc",))

_SHARED = opening(
    "what two objects need stays until both are closed",
    _CASES / "shared.c", answers("shared", "shared", 5), answers("one", "one", 1, needs=("shared",)),
    answers("two", "two", 2, needs=("shared",)), libcs=("glibc",), shows=("and works: 5",))

_NAME_OUTLIVES = opening(
    "a dependency is still known by its name when what needed it first is closed", """
int main(void) {
  void *one = opened("libone.so", RTLD_NOW), *two = opened("libtwo.so", RTLD_NOW);
  closed(one);
  say_number("opened by name", answer(opened("libshared.so", RTLD_NOW), "shared"));
  say_number("another by name", answer(opened("libthree.so", RTLD_NOW), "three"));
  say_number("the other works", answer(two, "two"));
  return 0;
}
""", answers("shared", "shared", 5), answers("one", "one", 1, needs=("shared",)),
    answers("two", "two", 2, needs=("shared",)), answers("three", "three", 3), libcs=("glibc",),
    shows=("opened by name: 5", "another by name: 3", "the other works: 2"))

_HELD_BELOW = opening(
    "a dependency that was opened itself stays when what needed it is closed", """
int main(void) {
  void *shared = opened("libshared.so", RTLD_NOW), *one = opened("libone.so", RTLD_NOW);
  closed(one);
  say_number("still works", answer(shared, "shared"));
  closed(shared);
  claim("gone", !is_mapped("libshared.so"));
  return 0;
}
""", answers("shared", "shared", 5), answers("one", "one", 1, needs=("shared",)), libcs=("glibc",),
    shows=("still works: 5",))

_BOUND = opening(
    "an object that another one's references are bound to stays with it", _CASES / "bound.c",
    answers("provides", "provided", 6), Library("uses", "int provided(void);\nint uses(void) { return provided(); }\n"),
    libcs=("glibc",), shows=("used after the close: 6",))

def _first_call(name, *flags):
    return opening(name, _CASES / "first_call.c", Library("user", _CASES / "libuser.c"),
                   Library("provider", _CASES / "libprovider.c"), compile=flags, libcs=("glibc",), newer_libcs=True,
                   shows=("used: 1", "user ends, provider is alive: 1", "provider ends"))


_FIRST_CALL = [
    _first_call("what a function is bound to at its first call is destroyed after its user"),
    _first_call("what a function is bound to at its first call is destroyed after its user at exit", "-DLEFT_OPEN"),
]

_ORDER_OF_BINDINGS = opening(
    "what an object was bound to first is destroyed first", _CASES / "order_of_bindings.c",
    announcer("first"), announcer("second"), Library("user", """
#include "observe.h"
int in_second(void);
int in_first(void);
int (*uses[])(void) = {in_second, in_first};
int use(void) { return uses[0]() + uses[1](); }
__attribute__((destructor)) static void end(void) { say("user ends"); }
"""), libcs=("glibc",), newer_libcs=True, shows=("used: 2", "user ends", "second ends"))

_CIRCLE = opening(
    "objects that need each other are unmapped together", """
int main(void) {
  void *handle = opened("libleft.so", RTLD_NOW);
  say_number("around", answer(handle, "in_right"));
  closed(handle);
  claim("left is gone", !is_mapped("libleft.so"));
  claim("right is gone", !is_mapped("libright.so"));
  return 0;
}
""", Library("left", "int in_left(void) { return 1; }\n"),
    Library("right", "int in_left(void);\nint in_right(void) { return in_left() + 1; }\n", needs=("left",)),
    # The same name again, now that there is a library to need.
    Library("left", "int in_right(void);\nint in_left(void) { return 1; }\nint both(void) { return in_right(); }\n",
            needs=("right",)), libcs=("glibc",), shows=("around: 2",))

_LINKED = opening(
    "an object that the program is linked with is never unmapped", """
int linked(void);
int main(void) {
  void *handle = opened("liblinked.so", RTLD_NOW);
  closed(handle);
  say_number("works", linked());
  return 0;
}
""", answers("linked", "linked", 12), needs=("linked",), shows=("works: 12",))

_ORDER = opening(
    "constructors run from below, destructors from above, each once",
    _CASES / "order.c", announcer("bottom"), announcer("left", ("bottom",)), announcer("right", ("bottom",)),
    announcer("top", ("left", "right")), libcs=("glibc",), shows=("top begins", "bottom ends", "closed"))

_ALREADY_BEGUN = opening(
    "an open runs only the constructors of what it adds, a close only the destructors of what it removes",
    _CASES / "already_begun.c",
    announcer("bottom"), announcer("top", ("bottom",)), libcs=("glibc",), shows=("top ends", "bottom ends"))

_AT_EXIT = opening(
    "objects that are still open end at exit, from above", """
static void leaving(void) { say("the program's handler"); }
int main(void) {
  atexit(leaving);
  opened("libtop.so", RTLD_NOW);
  say("main returns");
  return 3;
}
""", announcer("bottom"), announcer("top", ("bottom",)), status=3,
    shows=("the program's handler", "top ends", "bottom ends"))

_HANDLERS = Library("handlers", """
#include <stdlib.h>
#include "observe.h"
static void first(void) { say("registered first"); }
static void second(void) { say("registered second"); }
__attribute__((constructor)) static void begin(void) { atexit(first); atexit(second); }
__attribute__((destructor)) static void end(void) { say("destructor"); }
""")
_ATEXIT = opening(
    "atexit handlers of an object run when it is closed, and only then", """
int main(void) {
  closed(opened("libhandlers.so", RTLD_NOW));
  say("main returns");
  return 0;
}
""", _HANDLERS, libcs=("glibc",), shows=("registered second", "registered first", "main returns"))

_STATICS = with_cplusplus(
    "static objects are destroyed when their object is closed, once", _CASES / "statics.cc",
    Library("statics", """
#include "observe.h"
struct Announced {
  const char *name;
  explicit Announced(const char *its_name) : name(its_name) { say_text("constructed", name); }
  ~Announced() { say_text("destroyed", name); }
};
static Announced global("global");
extern "C" int value() { static Announced local("local"); return 5; }
""", language="c++"), shows=("destroyed: local", "destroyed: global"))

_THREAD_EXIT = with_cplusplus(
    "an object with thread-exit destructors pending stays until the thread ends", _CASES / "thread_exit.cc",
    Library("pending", """
#include "observe.h"
struct Announced {
  int number = 7;
  ~Announced() { say_number("destroyed with", number); }
};
static thread_local Announced announced;
extern "C" int touch() { return ++announced.number; }
""", language="c++"), answers("other", "other", 1), newer_libcs=True,
    shows=("in the thread: 8", "destroyed with: 8"))

_UNIQUE = with_cplusplus(
    "an object that defines a unique symbol stays when it is closed", _CASES / "unique.cc",
    *(Library(f"unique{ending}", f"""
template <typename Type> struct Counter {{ static int count; }};
template <typename Type> int Counter<Type>::count = 10;
extern "C" int next{ending}() {{ return ++Counter<int>::count; }}
""", language="c++", compile=("-fgnu-unique",)) for ending in ("", "2")), newer_libcs=True,
    shows=("first: 11", "second, in another local object: 12"))

_AGAIN = opening(
    "an object opened again starts with its data as in the file", _CASES / "again.c",
    Library("counter", "static int count = 50;\nint next(void) { return ++count; }\n"), libcs=("glibc",),
    shows=("count: 51", "count: 52"))

_MUSL_KEEPS = opening(
    "musl keeps a closed object and its data, and ends it at exit", _CASES / "musl_keeps.c",
    Library("counter", "static int count = 50;\nint next(void) { return ++count; }\n"), announcer("ends"),
    libcs=("musl",), newer_libcs=True, shows=("closed: 0", "count: 52", "ends ends"))

RECIPES = [
    *_FIRST_CALL, _ORDER_OF_BINDINGS,
    _CLOSED, _SHARED, _NAME_OUTLIVES, _HELD_BELOW, _BOUND, _CIRCLE, _LINKED, _ORDER, _ALREADY_BEGUN, _AT_EXIT,
    _ATEXIT, variants(_ATEXIT, name="atexit handlers of an object run at exit under musl", libcs=("musl",)), _STATICS,
    _THREAD_EXIT, _UNIQUE, _AGAIN, _MUSL_KEEPS,
]
