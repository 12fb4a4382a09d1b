"""Constructors: of every kind, with what they are given, on which stack, and what they may do themselves."""

from sources import sources_of
from workshop.recipe import Library

from .common import announcer, opening

_CASES = sources_of(__file__)

_KINDS = opening(
    "DT_INIT, DT_INIT_ARRAY, DT_FINI_ARRAY and DT_FINI run in this order", """
int main(void) {
  void *handle = opened("libkinds.so", RTLD_NOW);
  say("opened");
  closed(handle);
  say("closed");
  return 0;
}
""", Library("kinds", """
#include "observe.h"
void old_begin(void) { say("DT_INIT"); }
void old_end(void) { say("DT_FINI"); }
__attribute__((constructor(101))) static void first(void) { say("first constructor"); }
__attribute__((constructor(102))) static void second(void) { say("second constructor"); }
__attribute__((destructor(101))) static void last(void) { say("last destructor"); }
__attribute__((destructor(102))) static void before(void) { say("destructor before it"); }
""", link=("-Wl,-init,old_begin", "-Wl,-fini,old_end")), libcs=("glibc",),
    shows=("DT_INIT", "second constructor", "last destructor", "DT_FINI"))

_ARGUMENTS = opening(
    "constructors of an opened object get the program's arguments and environment", """
int main(void) {
  opened("libarguments.so", RTLD_NOW);
  return 0;
}
""", Library("arguments", """
#include "observe.h"
__attribute__((constructor)) static void begin(int argc, char **argv, char **environment) {
  int count = 0;
  say_number("arguments", argc);
  say_text("the second", argv[1]);
  while (*environment) count += same_text(*environment++, "SHOWN=yes");
  say_number("environment", count);
}
"""), libcs=("glibc",), arguments=("given",), environment=(("SHOWN", "yes"),),
    shows=("arguments: 2", "the second: given", "environment: 1"))

_STACK = opening(
    "constructors run on the thread's own stack and may use a megabyte of it", """
int at_start(void);
int main(void) {
  claim("at the start", at_start());
  claim("at an open", answer(opened("liblater.so", RTLD_NOW), "later"));
  return 0;
}
""", Library("first", _CASES / "libon_its_stack.c", compile=("-DNAME=at_start",)),
    Library("later", _CASES / "libon_its_stack.c", compile=("-DNAME=later",)), needs=("first",), libcs=("glibc",),
    newer_libcs=True)

_OPENS_ANOTHER = opening(
    "a constructor can open and a destructor close another object", """
int main(void) {
  void *handle = opened("libouter.so", RTLD_NOW);
  say("opened");
  closed(handle);
  claim("the outer one is gone", !is_mapped("libouter.so"));
  claim("the inner one is gone", !is_mapped("libinner.so"));
  return 0;
}
""", announcer("inner"), Library("outer", _CASES / "libouter.c"), libcs=("glibc",),
    shows=("from inner: 1", "inner ends", "closed: 0"))

_OPENS_ITSELF = opening(
    "a constructor can open its own object", """
int main(void) {
  void *handle = opened("libself.so", RTLD_NOW);
  say_number("the same handle", ((int (*)(void *))found(handle, "same"))(handle));
  closed(handle);
  claim("held by itself", is_mapped("libself.so"));
  return 0;
}
""", Library("self", """
#include <dlfcn.h>
static void *own;
__attribute__((constructor)) static void begin(void) { own = dlopen("libself.so", RTLD_NOW); }
int same(void *handle) { return own == handle; }
"""), shows=("the same handle: 1",))

_FIRST_OF_ALL = opening(
    "a preloaded object with DF_1_INITFIRST is constructed before all others", """
int main(void) {
  say("the program");
  return 0;
}
""", announcer("usual"), Library("first", """
#include "observe.h"
__attribute__((constructor)) static void begin(void) { say("first begins"); }
""", link=("-Wl,-z,initfirst",)), needs=("usual",), preload=("first",), libcs=("glibc",), newer_libcs=True,
    shows=("first begins", "usual begins", "the program"))

_PRELOADED = opening(
    "preloads are constructed where libc constructs them", """
int main(void) {
  say("the program");
  return 0;
}
""", announcer("below"), announcer("usual", needs=("below",)), announcer("early"), announcer("late", needs=("below",)),
    needs=("usual",), preload=("late", "early"), newer_libcs=True, shows=("early begins", "usual begins", "the program"))

RECIPES = [_KINDS, _FIRST_OF_ALL, _PRELOADED, _ARGUMENTS, _STACK, _OPENS_ANOTHER, _OPENS_ITSELF]
