"""Which definition a look-up finds: by a handle, in the default scope, after the caller, and for references."""

from sources import sources_of
from workshop.recipe import Library

from .common import answers, opening

_CASES = sources_of(__file__)

_BREADTH = opening(
    "dlsym searches what a handle needs breadth first", """
int main(void) {
  void *handle = opened("libtop.so", RTLD_NOW);
  say_number("which", answer(handle, "which"));
  say_number("only deep", answer(handle, "deep"));
  claim("not above itself", unknown(dlopen("libright.so", RTLD_NOW), "deep"));
  return 0;
}
""", Library("deepest", "int which(void) { return 3; }\nint deep(void) { return 33; }\n"),
    answers("left", "left", 1, needs=("deepest",)), answers("right", "which", 2),
    answers("top", "top", 0, needs=("left", "right")), shows=("which: 2", "only deep: 33"))

_OWN_FIRST = opening(
    "dlsym on a handle prefers the object's own definition to the program's", """
int which(void) { return 1; }
int main(void) {
  say_number("by the handle", answer(opened("libown.so", RTLD_NOW), "which"));
  say_number("by default", answer(RTLD_DEFAULT, "which"));
  return 0;
}
""", answers("own", "which", 2), link=("-rdynamic",), shows=("by the handle: 2", "by default: 1"))

_NOT_GLOBAL = opening(
    "dlsym on a handle does not search other objects", """
int main(void) {
  opened("libother.so", RTLD_NOW | RTLD_GLOBAL);
  void *handle = opened("libown.so", RTLD_NOW);
  claim("not in a global object", unknown(handle, "other"));
  return 0;
}
""", answers("own", "own", 2), answers("other", "other", 3))

_DEFAULT = opening(
    "RTLD_DEFAULT finds the first definition: the program's, its libraries', global ones in order of opening", """
int main(void) {
  claim("nowhere", unknown(RTLD_DEFAULT, "one"));
  opened("libfirst.so", RTLD_NOW | RTLD_GLOBAL);
  opened("libsecond.so", RTLD_NOW | RTLD_GLOBAL);
  say_number("one", answer(RTLD_DEFAULT, "one"));
  say_number("linked", answer(RTLD_DEFAULT, "linked"));
  return 0;
}
""", Library("linked", "int linked(void) { return 4; }\n"),
    Library("first", "int one(void) { return 1; }\nint linked(void) { return 5; }\n"), answers("second", "one", 2),
    needs=("linked",), shows=("one: 1", "linked: 4"))

_ASKER = _CASES / "libasker.c"
_DEFAULT_OF_LOCAL = opening(
    "RTLD_DEFAULT in a local object searches that object too", """
int main(void) {
  say_number("found", answer(opened("libasker.so", RTLD_NOW | RTLD_LOCAL), "by_default"));
  return 0;
}
""", Library("asker", _ASKER), libcs=("glibc",), shows=("found: 21",))

_NEXT_OF_LOCAL = opening(
    "RTLD_NEXT in a local object finds what comes after it among what it needs", """
int main(void) {
  say_number("found", answer(opened("libasker.so", RTLD_NOW | RTLD_LOCAL), "after_this"));
  return 0;
}
""", answers("after", "which", 30), Library("asker", _ASKER, needs=("after",)), libcs=("glibc",),
    shows=("found: 30",))

_NEXT_NOT_BEFORE = opening(
    "RTLD_NEXT does not find what comes before the caller", """
int which(void) { return 1; }
int main(void) {
  say_number("found", answer(opened("libasker.so", RTLD_NOW | RTLD_LOCAL), "after_this"));
  return 0;
}
""", Library("asker", _ASKER), link=("-rdynamic",), libcs=("glibc",), shows=("found: -1",))

_NEXT_OF_PROGRAM = opening(
    "RTLD_NEXT in the program finds its library's definition", """
int which(void) { return 1 + ((int (*)(void))found(RTLD_NEXT, "which"))(); }
int main(void) {
  say_number("both", which());
  return 0;
}
""", answers("below", "which", 40), needs=("below",), shows=("both: 41",))

_NEXT_OF_PRELOADED = opening(
    "RTLD_NEXT in a preloaded object finds libc's function", """
int main(void) {
  say_number("process", getppid());
  return 0;
}
""", Library("wrapper", """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
pid_t getppid(void) {
  pid_t (*real)(void) = (pid_t (*)(void))dlsym(RTLD_NEXT, "getppid");
  return real && real() > 0 ? 4242 : -1;
}
"""), preload=("wrapper",), shows=("process: 4242",))

_OWN_INTERFACE = opening(
    "dlsym finds the functions of this very interface", _CASES / "own_interface.c", answers("any", "any", 1))

_LIBC_OPENED = opening(
    "libc opened by name is the libc that runs", """
int main(void) {
  void *libc = opened("libc.so.6", RTLD_NOW);
  claim("one strtol", dlsym(libc, "strtol") == (void *)OPAQUE(strtol));
  claim("one environment", *(char ***)found(libc, "environ") == environ);
  say_number("closed", dlclose(libc));
  say("still here");
  return 0;
}
""", libcs=("glibc",), compile=("-fPIC",),  # or the program has its own copy of environ
    shows=("still here",))

_MUSL_OPENED = opening(
    "musl opened by name is the libc that runs", """
int main(void) {
  void *libc = opened("libc.so", RTLD_NOW);
  claim("one strtol", dlsym(libc, "strtol") == (void *)OPAQUE(strtol));
  say_number("closed", dlclose(libc));
  return 0;
}
""", libcs=("musl",))

_INTERPOSED = opening(
    "references of an opened object are bound to the program's definition first", """
int shared = 7;
int helper(void) { return 1; }
int main(void) {
  void *handle = opened("libuser.so", RTLD_NOW);
  say_number("function", answer(handle, "by_function"));
  say_number("data", answer(handle, "by_data"));
  return 0;
}
""", Library("user", """
int shared = 8;
int helper(void) { return 2; }
int by_function(void) { return helper(); }
int by_data(void) { return shared; }
"""), link=("-rdynamic",), shows=("function: 1", "data: 7"))

_USER = "int helper(void);\nint {name}(void) {{ return helper(); }}\n"
_APART = opening(
    "two local groups each use their own definition of one name", """
int main(void) {
  void *one = opened("libone.so", RTLD_NOW), *two = opened("libtwo.so", RTLD_NOW);
  say_number("one", answer(one, "one"));
  say_number("two", answer(two, "two"));
  return 0;
}
""", answers("helper1", "helper", 11), answers("helper2", "helper", 12),
    Library("one", _USER.format(name="one"), needs=("helper1",)),
    Library("two", _USER.format(name="two"), needs=("helper2",)), shows=("one: 11", "two: 12"))

_GLOBAL_BEFORE_OWN = opening(
    "a global object's definition comes before that of a dependency", """
int main(void) {
  opened("libhelper1.so", RTLD_NOW | RTLD_GLOBAL);
  say_number("two", answer(opened("libtwo.so", RTLD_NOW), "two"));
  return 0;
}
""", answers("helper1", "helper", 11), answers("helper2", "helper", 12),
    Library("two", _USER.format(name="two"), needs=("helper2",)), shows=("two: 11",))

_WEAK = opening(
    "a weak reference is nothing without a definition, and a weak definition counts as any other", """
int main(void) {
  say_number("without", answer(opened("libasks.so", RTLD_NOW), "asks"));
  opened("libweak.so", RTLD_NOW | RTLD_GLOBAL);
  opened("libstrong.so", RTLD_NOW | RTLD_GLOBAL);
  say_number("with", answer(opened("libasks2.so", RTLD_NOW), "asks"));
  return 0;
}
""", Library("asks", "__attribute__((weak)) int it(void);\nint asks(void) { return it ? it() : -1; }\n"),
    Library("asks2", "__attribute__((weak)) int it(void);\nint asks(void) { return it ? it() : -1; }\n"),
    Library("weak", "__attribute__((weak)) int it(void) { return 1; }\n"), answers("strong", "it", 2),
    shows=("without: -1", "with: 1"))

_IFUNC = opening(
    "dlsym of an indirect function gives what its resolver chose", """
int main(void) {
  void *handle = opened("libchoice.so", RTLD_NOW);
  say_number("by dlsym", answer(handle, "chosen"));
  say_number("by a reference", answer(handle, "calls_it"));
  return 0;
}
""", Library("choice", """
static int real(void) { return 64; }
static int (*choose(void))(void) { return real; }
int chosen(void) __attribute__((ifunc("choose")));
int calls_it(void) { return chosen() + 1; }
"""), libcs=("glibc",), shows=("by dlsym: 64", "by a reference: 65"))

_HIDDEN = opening(
    "dlsym does not find hidden, local and undefined symbols", """
int main(void) {
  void *handle = opened("libhides.so", RTLD_NOW);
  claim("hidden", unknown(handle, "hidden_one"));
  claim("local", unknown(handle, "local_one"));
  claim("undefined", unknown(handle, "undefined_one"));
  claim("protected is found", dlsym(handle, "protected_one") != 0);
  return 0;
}
""", Library("hides", """
__attribute__((visibility("hidden"))) int hidden_one(void) { return 1; }
__attribute__((visibility("protected"))) int protected_one(void) { return 2; }
__attribute__((used)) static int local_one(void) { return 3; }
__attribute__((weak)) int undefined_one(void);
int uses(void) { return hidden_one() + local_one() + (undefined_one ? 1 : 0); }
"""))

_NOTHING = opening(
    "a symbol whose value is nothing is found without an error", """
int main(void) {
  void *handle = opened("libnothing.so", RTLD_NOW);
  dlerror();
  claim("nothing", dlsym(handle, "nothing") == 0);
  claim("no error", dlerror() == 0);
  return 0;
}
""", Library("nothing", '__asm__(".globl nothing\\n.set nothing, 0\\n.type nothing, %object");\n'), libcs=("glibc",))

_VERSIONED = Library("versioned", """
__asm__(".symver old_thing, thing@OLD_1\\n.symver new_thing, thing@@NEW_1");
int old_thing(void) { return 1; }
int new_thing(void) { return 2; }
int plain(void) { return 3; }
""", link=("-Wl,--version-script={source}/versions",),
    files=(("versions", "OLD_1 { global: thing; local: *; };\nNEW_1 { global: thing; plain; } OLD_1;\n"),))

_DLVSYM = opening(
    "dlvsym finds each version and dlsym the default one", _CASES / "dlvsym.c",
    _VERSIONED, libcs=("glibc",), shows=("dlsym: 2", "OLD_1: 1", "NEW_1: 2", "NEW_1 by default: 2"))

_BOUND_VERSION = opening(
    "a reference of an opened object is bound to the version it was linked with", """
int main(void) {
  say_number("old", answer(opened("libuses_old.so", RTLD_NOW), "uses_old"));
  say_number("new", answer(opened("libuses_new.so", RTLD_NOW), "uses_new"));
  return 0;
}
""", _VERSIONED,
    Library("uses_old", '__asm__(".symver thing, thing@OLD_1");\nint thing(void);\n'
                        "int uses_old(void) { return thing(); }\n", needs=("versioned",)),
    Library("uses_new", "int thing(void);\nint uses_new(void) { return thing(); }\n", needs=("versioned",)),
    libcs=("glibc",), shows=("old: 1", "new: 2"))

_THREAD_LOCAL = opening(
    "dlsym of a thread-local variable gives the calling thread's", _CASES / "thread_local.c",
    Library("local", "__thread int counter = 100;\nint read_counter(void) { return counter; }\n"),
    shows=("in the thread: 101", "in main: 105", "as the object sees it: 105"))

RECIPES = [
    _BREADTH, _OWN_FIRST, _NOT_GLOBAL, _DEFAULT, _DEFAULT_OF_LOCAL, _NEXT_OF_LOCAL, _NEXT_NOT_BEFORE,
    _NEXT_OF_PROGRAM, _NEXT_OF_PRELOADED, _OWN_INTERFACE, _LIBC_OPENED, _MUSL_OPENED, _INTERPOSED, _APART,
    _GLOBAL_BEFORE_OWN, _WEAK, _IFUNC, _HIDDEN, _NOTHING, _DLVSYM, _BOUND_VERSION, _THREAD_LOCAL,
]
