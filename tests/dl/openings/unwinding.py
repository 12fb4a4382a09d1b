"""Exceptions, cancellation, pthread_exit and backtraces through opened objects and libc's callbacks."""

from workshop.recipe import Library

from .common import opening, with_cplusplus

_THROWER = Library("thrower", """
#include <stdexcept>
struct Announced {
  int *count;
  explicit Announced(int *its_count) : count(its_count) {}
  ~Announced() { ++*count; }
};
extern "C" int throws(int *unwound, int number) {
  Announced announced(unwound);
  if (number) throw std::runtime_error("number " + std::to_string(number));
  return 1;
}
extern "C" int catches(int (*function)(int), int argument) {
  try { return function(argument); }
  catch (int number) { return -number; }
}
""", language="c++")

_EXCEPTIONS = with_cplusplus(
    "an exception thrown in an opened object is caught in the program, and the other way round", """
#include <stdexcept>
static int thrown(int number) { throw number; }
int main() {
  int unwound = 0;
  void *handle = opened("libthrower.so", RTLD_NOW);
  auto throws = (int (*)(int *, int))found(handle, "throws");
  auto catches = (int (*)(int (*)(int), int))found(handle, "catches");
  try { throws(&unwound, 5); } catch (const std::exception &exception) { say_text("caught", exception.what()); }
  say_number("unwound", unwound);
  say_number("caught in the object", catches(thrown, 8));
  closed(handle);
  try { throw std::logic_error("after the close"); } catch (const std::exception &exception) {
    say_text("caught", exception.what());
  }
  return 0;
}
""", _THROWER, newer_libcs=True, shows=("caught: number 5", "unwound: 1", "caught in the object: -8"))

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
    "an exception leaves qsort and bsearch through a comparison in an opened object", """
int main() {
  void *handle = opened("libcompares.so", RTLD_NOW);
  auto compare = (int (*)(const void *, const void *))found(handle, "compare");
  int numbers[] = {5, 3, 9, 1, 7}, wanted = 9;
  try { qsort(numbers, 5, sizeof *numbers, compare); say("sorted"); } catch (int number) { say_number("qsort", number); }
  try { bsearch(&wanted, numbers, 5, sizeof *numbers, compare); say("found"); } catch (int number) {
    say_number("bsearch", number);
  }
  return 0;
}
""", Library("compares", """
extern "C" int compare(const void *one, const void *other) {
  if (*(const int *)one == 9 || *(const int *)other == 9) throw 9;
  return *(const int *)one - *(const int *)other;
}
""", language="c++"), shows=("qsort: 9", "bsearch: 9"))

_CLEANS = Library("cleans", """
#include <pthread.h>
#include <unistd.h>
#include "observe.h"
static void cleanup(void *text) { say_text("cleanup", (const char *)text); }
void leaves(void) {
  pthread_cleanup_push(cleanup, "of pthread_exit");
  pthread_exit((void *)7);
  pthread_cleanup_pop(0);
}
void waits(void) {
  pthread_cleanup_push(cleanup, "of cancellation");
  for (;;) pause();
  pthread_cleanup_pop(0);
}
""", compile=("-fexceptions",))
_ENDS = opening(
    "pthread_exit and cancellation unwind through an opened object", """
static void *run(void *function) { ((void (*)(void))function)(); return 0; }
int main(void) {
  void *handle = opened("libcleans.so", RTLD_NOW);
  say_number("left with", (long)joined(started(run, found(handle, "leaves"))));
  pthread_t thread = started(run, found(handle, "waits"));
  pthread_cancel(thread);
  claim("cancelled", joined(thread) == PTHREAD_CANCELED);
  return 0;
}
""", _CLEANS, newer_libcs=True, shows=("cleanup: of pthread_exit", "left with: 7", "cleanup: of cancellation"))

_DESTRUCTORS = with_cplusplus(
    "pthread_exit and cancellation destroy the objects in the frames of an opened object", """
static void *run(void *function) { ((void (*)())function)(); return nullptr; }
int main() {
  void *handle = opened("libframes.so", RTLD_NOW);
  joined(started(run, found(handle, "leaves")));
  pthread_t thread = started(run, found(handle, "waits"));
  pthread_cancel(thread);
  claim("cancelled", joined(thread) == PTHREAD_CANCELED);
  return 0;
}
""", Library("frames", """
#include <pthread.h>
#include <unistd.h>
#include "observe.h"
struct Announced { const char *name; ~Announced() { say_text("destroyed", name); } };
extern "C" void leaves() { Announced announced{"by pthread_exit"}; pthread_exit(nullptr); }
extern "C" void waits() { Announced announced{"by cancellation"}; for (;;) pause(); }
""", language="c++"), newer_libcs=True, shows=("destroyed: by pthread_exit", "destroyed: by cancellation"))

_THROUGH = Library("through", "int through(int (*function)(void)) { return function() + 1; }\n")
_TRACED = """
#include <execinfo.h>
static void *frames[30];
static int count;
__attribute__((noinline)) int called_back(void) { count = backtrace(frames, 30); return count; }
int main(void) {
  int (*through)(int (*)(void)) = (int (*)(int (*)(void)))found(opened("libthrough.so", RTLD_NOW), "through");
  claim("frames", through(called_back) > 4);
  look();
  return 0;
}
"""
_BACKTRACE = opening(
    "backtrace sees the frames of an opened object and of the program", """
static void look(void);
""" + _TRACED + """
static void look(void) {
  Dl_info information;
  for (int n = 0; n < 3; ++n)
    say_text("frame", dladdr((char *)frames[n] - 1, &information) ? information.dli_sname : "in no object");
}
""", _THROUGH, libcs=("glibc",), newer_libcs=True, link=("-rdynamic",),
    shows=("frame: called_back", "frame: through", "frame: main"))

_BACKTRACE_SYMBOLS = opening(
    "backtrace_symbols names the frames of an opened object and of the program", """
static void look(void);
""" + _TRACED + """
static int sees(char **names, const char *name) {
  int seen = 0;
  for (int n = 0; n < count; ++n) seen += strstr(names[n], name) != 0;
  return seen;
}
static void look(void) {
  char **names = backtrace_symbols(frames, count);
  claim("called_back", sees(names, "(called_back+"));
  claim("through, in its object", sees(names, "libthrough.so(through+"));
  claim("main", sees(names, "(main+"));
  claim("libc's start", sees(names, "(__libc_start_main"));
}
""", _THROUGH, libcs=("glibc",), newer_libcs=True, link=("-rdynamic",))

_BACKTRACE_LINES = opening(
    "the lines of backtrace_symbols and of backtrace_symbols_fd are libc's own", """
#include <execinfo.h>
static void say_place(const char *what, char *line) {
  char *address = strrchr(line, '['), *file = strchr(line, '(');
  if (address) *address = 0;
  if (address > line && address[-1] == ' ') address[-1] = 0;  // newer glibc has one here in both
  say_text(what, file ? file : line);
}
static int function(void) { return 0; }
int named(void) { return function(); }
int main(void) {
  char *inside = found(opened("libthrough.so", RTLD_NOW), "through");
  void *places[] = {named, (char *)named + 1, inside, inside + 2, 0, (void *)16, places};
  int count = sizeof places / sizeof *places, ends[2];
  char **lines = backtrace_symbols(places, count), text[8192] = "", *line = text;
  for (int n = 0; n < count; ++n) say_place("line", lines[n]);
  free(lines);
  if (pipe(ends) != 0) give_up("no pipe", "");
  backtrace_symbols_fd(places, count, ends[1]);
  if (read(ends[0], text, sizeof text - 1) < 0) give_up("nothing written", "");
  for (line = strtok(text, "\\n"); line; line = strtok(0, "\\n")) say_place("written", line);
  return 0;
}
""", _THROUGH, libcs=("glibc",), newer_libcs=True, link=("-rdynamic",), shows=("line: (named+0)", "written: (named+0x0)"))

_FIND_OBJECT = opening(
    "_dl_find_object finds the object of an address, the unwind table in it, and nothing when it is closed", """
int main(void) {
  struct dl_find_object result;
  void *handle = opened("libfindable.so", RTLD_NOW);
  char *function = found(handle, "function");
  say_number("found", _dl_find_object(function, &result));
  claim("it is inside", (char *)result.dlfo_map_start <= function && function < (char *)result.dlfo_map_end);
  claim("its link_map", result.dlfo_link_map == handle);
  claim("its unwind table", result.dlfo_eh_frame > result.dlfo_map_start && result.dlfo_eh_frame < result.dlfo_map_end);
  say_number("the program", _dl_find_object((void *)main, &result));
  claim("the program's name", result.dlfo_link_map->l_name[0] == 0);
  say_number("libc", _dl_find_object((void *)OPAQUE(strtol), &result));
  claim("libc's name", strstr(result.dlfo_link_map->l_name, "libc.so.6") != 0);
  say_number("the stack", _dl_find_object(&result, &result));
  say_number("nothing", _dl_find_object(0, &result));
  closed(handle);
  say_number("closed", _dl_find_object(function, &result));
  return 0;
}
""", Library("findable", "int function(void) { return 1; }\n"), libcs=("glibc",), newer_libcs=True,
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
    _EXCEPTIONS, _BETWEEN, _WITHOUT_CPLUSPLUS, _CALLBACKS, _ENDS, _DESTRUCTORS, _BACKTRACE, _BACKTRACE_SYMBOLS, _BACKTRACE_LINES,
    _FIND_OBJECT, _IN_CONSTRUCTOR, _SHARED_TYPE,
]
