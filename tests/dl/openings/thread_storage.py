"""Thread-local storage of opened objects: in threads old and new, by every model, fresh after each open, given back."""

from workshop.recipe import Library, variants

from .common import opening, with_cplusplus

CALLS = {"x86_64": ("-mtls-dialect=gnu",), "aarch64": ("-mtls-dialect=trad",)}
DESCRIPTORS = {"x86_64": ("-mtls-dialect=gnu2",), "aarch64": ("-mtls-dialect=desc",)}
INITIAL_EXEC = {"x86_64": ("-ftls-model=initial-exec",), "aarch64": ("-ftls-model=initial-exec",)}


def _with_much(flags):
    return {machine: (*words, "-DMUCH") for machine, words in flags.items()}


_EVERYTHING = """
#include <string.h>
extern int tables[];
int tables[3] = {70, 71, 72};
__thread int exported = 10;
static __thread int first = 20, second = 30;
static __thread char zeros[300];
static __thread int *pointer = &tables[1];
static __thread __attribute__((aligned(16))) int aligned = 40;
#ifdef MUCH /* a small block may find room in the static one */
static __thread char much[200000];
#define SEES_MUCH() (much[100000] != 0)
#else
#define SEES_MUCH() 0
#endif
/* 0: all is as at the start; else which variable was not. */
int fresh(void) {
  for (int n = 0; n < 300; ++n) if (zeros[n]) return 1;
  if (exported != 10) return 2;
  if (first != 20 || second != 30) return 3;
  if (*pointer != 71) return 4;
  if (SEES_MUCH()) return 6;
  if (aligned != 40 || (unsigned long)&aligned % 16) return 5;
  return 0;
}
int total(void) { return exported + first + second + zeros[299] + *pointer + aligned; }
void change(int by) {
  exported += by; first += by; second += by; aligned += by;
  memset(zeros, by, sizeof zeros);
  pointer = &tables[2];
}
"""

_THREADS = """
static pthread_barrier_t both;
static void *handle;
static void use(const char *who, int by) {
  say_text("who", who);
  say_number("not fresh", answer(handle, "fresh"));
  ((void (*)(int))found(handle, "change"))(by);
  say_number("total", answer(handle, "total"));
}
static void *old_thread(void *unused) {
  (void)unused;
  pthread_barrier_wait(&both);
  pthread_barrier_wait(&both);
  use("a thread that ran before", 2);
  return 0;
}
static void *new_thread(void *unused) {
  (void)unused;
  use("a new thread", 3);
  return 0;
}
int main(void) {
  pthread_barrier_init(&both, 0, 2);
  pthread_t thread = started(old_thread, 0);
  pthread_barrier_wait(&both);
  handle = opened("libeverything.so", RTLD_NOW);
  use("main", 1);
  pthread_barrier_wait(&both);
  joined(thread);
  joined(started(new_thread, 0));
  joined(started(new_thread, 0));
  say_number("main's total", answer(handle, "total"));
  return 0;
}
"""
_THREADS_SHOW = ("not fresh: 0", "total: 177", "total: 182", "total: 187", "main's total: 177")


def _in_threads(model, flags, **choices):
    return [opening(f"TLS of an opened object is fresh in every thread by {model} on {machine}", _THREADS,
                    Library("everything", _EVERYTHING, compile=flags[machine]), machines=(machine,),
                    **{"shows": _THREADS_SHOW, **choices}) for machine in ("x86_64", "aarch64")]


# musl itself refuses initial-exec TLS in opened objects: there is nobody to ask.
_KNOWN_THREADS = "".join(f"who: {who}\nnot fresh: 0\ntotal: {total}\n" for who, total in (
    ("main", 177), ("a thread that ran before", 182), ("a new thread", 187), ("a new thread", 187)))
_INITIAL_EXEC = [
    *_in_threads("initial-exec", INITIAL_EXEC, libcs=("glibc",), newer_libcs=True),
    *(variants(recipe, name=f"{recipe.name} with musl", libcs=("musl",), shows=(),
               known=_KNOWN_THREADS + "main's total: 177\n") for recipe in _in_threads("initial-exec", INITIAL_EXEC)),
]

_LIBCS_THREADS = """
#include <aio.h>
#include <signal.h>
#include <time.h>
static pthread_barrier_t both;
static void *handle;
static void look(union sigval who) {
  if (handle) say_text(who.sival_ptr, answer(handle, "fresh") == 0 ? "all is fresh" : "something is not fresh");
  pthread_barrier_wait(&both);
}
static struct sigevent telling(const char *who) {
  struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = look};
  event.sigev_value.sival_ptr = (void *)who;
  return event;
}
static void let_fire(timer_t timer) {
  struct itimerspec soon = {.it_value.tv_nsec = 1000000};
  if (timer_settime(timer, 0, &soon, 0) != 0) give_up("cannot set", "a timer");
  pthread_barrier_wait(&both);
}
static void read_something(const char *who) {
  static char byte;
  static struct aiocb order;
  order = (struct aiocb){.aio_fildes = open("/dev/zero", O_RDONLY), .aio_buf = &byte, .aio_nbytes = 1,
                         .aio_sigevent = telling(who)};
  if (aio_read(&order) != 0) give_up("cannot read", who);
  pthread_barrier_wait(&both);
  close(order.aio_fildes);
}
int main(void) {
  struct sigevent event = telling("in a timer's thread");
  timer_t timer;
  pthread_barrier_init(&both, 0, 2);
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) give_up("cannot make", "a timer");
  let_fire(timer);
  read_something("");
  handle = opened("libeverything.so", RTLD_NOW);
  ((void (*)(int))found(handle, "change"))(1);
  let_fire(timer);
  read_something("in a reader's thread");
  return 0;
}
"""
_LIBCS_THREADS_SHOW = ("in a timer's thread: all is fresh", "in a reader's thread: all is fresh")


# Threads that libc starts by itself, which wait since before the open and call back after it.
def _in_libcs_threads(model, flags, libcs):
    return [opening(f"TLS of an opened object is fresh in threads of libc's by {model} on {machine}", _LIBCS_THREADS,
                    Library("everything", _EVERYTHING, compile=flags[machine]), machines=(machine,), libcs=libcs,
                    newer_libcs="glibc" in libcs, link=("-pthread", "-lrt"), shows=_LIBCS_THREADS_SHOW)
            for machine in ("x86_64", "aarch64")]


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
    "initial-exec TLS is refused when it is used up, and its place is used again after a close", """
int main(void) {
  for (int round = 0; round < 500; ++round) {
    void *handle = opened("libsmall.so", RTLD_NOW);
    if (answer(handle, "next") != 6) give_up("not fresh", "libsmall.so");
    closed(handle);
  }
  say("500 rounds");
  return 0;
}
""", Library("small", "static __thread char some[256];\nstatic __thread int value = 5;\n"
                      "int next(void) { some[255] += 1; return value + some[255]; }\n",
             compile=("-ftls-model=initial-exec",)), libcs=("glibc",), shows=("500 rounds",))

_REUSED = opening(
    "a module number that is used again shows nobody the values of the object before", """
static pthread_barrier_t both;
static void *handle;
static size_t module_of(void *of) {
  size_t module = 0;
  dlinfo(of, RTLD_DI_TLS_MODID, &module);
  return module;
}
static void *other(void *unused) {
  (void)unused;
  pthread_barrier_wait(&both);
  say_number("the thread, first object", answer(handle, "touch"));
  pthread_barrier_wait(&both);
  pthread_barrier_wait(&both);
  say_number("the thread, second object", answer(handle, "touch"));
  return 0;
}
int main(void) {
  pthread_barrier_init(&both, 0, 2);
  pthread_t thread = started(other, 0);
  handle = opened("libone.so", RTLD_NOW);
  size_t module = module_of(handle);
  say_number("main, first object", answer(handle, "touch"));
  pthread_barrier_wait(&both);
  pthread_barrier_wait(&both);
  closed(handle);
  handle = opened("libtwo.so", RTLD_NOW);
  claim("one module number", module_of(handle) == module);
  say_number("main, second object", answer(handle, "touch"));
  pthread_barrier_wait(&both);
  joined(thread);
  return 0;
}
""", Library("one", "static __thread int small = 1;\nint touch(void) { return small += 100; }\n"),
    Library("two", "static __thread int large[1000] = {2, [999] = 3};\n"
                   "int touch(void) { large[0] += 200; return large[0] + large[999]++; }\n"),
    libcs=("glibc",), newer_libcs=True,
    shows=("the thread, first object: 101", "main, second object: 205", "the thread, second object: 205"))

_REOPENED = opening(
    "an object opened again has fresh TLS in a thread that used it before", """
int main(void) {
  for (int round = 0; round < 3; ++round) {
    void *handle = opened("libcounter.so", RTLD_NOW);
    say_number("count", answer(handle, "next"));
    say_number("count", answer(handle, "next"));
    closed(handle);
  }
  return 0;
}
""", Library("counter", "static __thread int count = 50;\nint next(void) { return ++count; }\n"), libcs=("glibc",),
    shows=("count: 51", "count: 52"))

_NUMBERS = range(20)
_MANY = opening(
    "twenty opened objects have their own TLS while others come and go", """
int main(void) {
  void *handles[20];
  char name[40];
  int wrong = 0;
  for (int round = 0; round < 30; ++round) {
    for (int n = 0; n < 20; ++n) {
      snprintf(name, sizeof name, "libmany%d.so", n);
      if (round == 0 || (n * 7 + round) % 3 == 0) {
        if (round) closed(handles[n]);
        handles[n] = opened(name, RTLD_NOW);
        wrong += answer(handles[n], "next") != n * 1000 + 1;
      } else {
        wrong += answer(handles[n], "next") <= n * 1000 + 1;
      }
    }
  }
  say_number("wrong", wrong);
  return 0;
}
""", *(Library(f"many{n}", f"static __thread int data[{n * 37 + 1}] = {{{n * 1000}}};\n"
                           "int next(void) { return ++data[0]; }\n") for n in _NUMBERS),
    libcs=("glibc",), shows=("wrong: 0",))

_ALIGNED = opening(
    "TLS of an opened object is aligned as it asks", """
static void *look(void *handle) {
  say_number("aligned", answer(handle, "aligned"));
  return 0;
}
int main(void) {
  void *handle = opened("libaligned.so", RTLD_NOW);
  look(handle);
  for (int n = 0; n < 3; ++n) joined(started(look, handle));
  return 0;
}
""", Library("aligned", """
static __thread char before = 1;
static __thread __attribute__((aligned(4096))) char page[10] = "page";
int aligned(void) { return (unsigned long)page % 4096 == 0 && page[1] == 'a' && before == 1; }
"""), shows=("aligned: 1",))

_ACROSS = opening(
    "an opened object uses the TLS of the program and of another opened object", """
__thread int of_program = 5;
static void *look(void *handle) {
  say_number("program's", answer(handle, "see_program"));
  say_number("other's", answer(handle, "see_other"));
  return 0;
}
int main(void) {
  void *other = opened("libother.so", RTLD_NOW | RTLD_GLOBAL);
  void *handle = opened("libuser.so", RTLD_NOW);
  of_program = 6;
  *(int *)found(other, "of_other") = 16;
  look(handle);
  joined(started(look, handle));
  return 0;
}
""", Library("other", "__thread int of_other = 15;\n"), Library("user", """
extern __thread int of_program, of_other;
int see_program(void) { return of_program; }
int see_other(void) { return of_other; }
"""), link=("-rdynamic", "-pthread"), shows=("program's: 6", "other's: 16", "program's: 5", "other's: 15"))

_FREED_WITH_THREAD = opening(
    "TLS of opened objects is given back when its thread ends", """
static void *handle;
static void *work(void *unused) { (void)unused; answer(handle, "fill"); return 0; }
int main(void) {
  handle = opened("libmuch.so", RTLD_NOW);
  for (int n = 0; n < 20; ++n) joined(started(work, 0));
  long before = resident_kib();
  for (int n = 0; n < 400; ++n) joined(started(work, 0));
  claim("less than eight threads' worth more", resident_kib() - before < 8 * 1024);
  return 0;
}
""", Library("much", """
#include <string.h>
static __thread char much[1 << 20];
int fill(void) { memset(much, 1, sizeof much); return much[77]; }
"""), machines=("x86_64",), libcs=("glibc", "musl"))

_FREED_WITH_OBJECT = opening(
    "TLS of a closed object is given back by a thread that goes on", """
static void rounds(int count) {
  for (int n = 0; n < count; ++n) {
    void *handle = opened("libmuch.so", RTLD_NOW);
    answer(handle, "fill");
    closed(handle);
  }
}
static void *work(void *unused) {
  (void)unused;
  rounds(20);
  long before = resident_kib();
  rounds(400);
  claim("less than eight blocks more", resident_kib() - before < 8 * 1024);
  return 0;
}
int main(void) {
  work(0);
  joined(started(work, 0));
  return 0;
}
""", Library("much", """
#include <string.h>
static __thread char much[1 << 20];
int fill(void) { memset(much, 1, sizeof much); return much[77]; }
"""), machines=("x86_64",), libcs=("glibc",))

_OBJECTS = with_cplusplus(
    "thread_local objects of an opened object are constructed on first use in each thread", """
static void *work(void *handle) {
  say_number("value", answer(handle, "use"));
  say("the thread ends");
  return nullptr;
}
int main() {
  void *handle = opened("libobjects.so", RTLD_NOW);
  say("opened");
  joined(started(work, handle));
  joined(started(work, handle));
  say_number("value", answer(handle, "use"));
  say_number("value", answer(handle, "use"));
  return 0;
}
""", Library("objects", """
#include <string>
#include "observe.h"
struct Announced {
  std::string text;
  Announced() : text("a text too long to be kept inside the object itself") { say("constructed"); }
  ~Announced() { say_number("destroyed with", text.size()); }
};
thread_local Announced announced;
extern "C" int use() { announced.text += '!'; return announced.text.size(); }
""", language="c++"), newer_libcs=True, shows=("constructed", "value: 52", "destroyed with: 52", "destroyed with: 53"))

_INHERITED = opening(
    "a forked child has the TLS of the thread that forked", """
#include <sys/wait.h>
static void *work(void *handle) {
  answer(handle, "next");
  pid_t child = fork();
  if (child == 0) {
    say_number("in the child", answer(handle, "next"));
    say_number("opened in the child", answer(opened("libcounter2.so", RTLD_NOW), "next"));
    _exit(0);
  }
  waitpid(child, 0, 0);
  say_number("in the parent", answer(handle, "next"));
  return 0;
}
int main(void) {
  void *handle = opened("libcounter.so", RTLD_NOW);
  answer(handle, "next");
  answer(handle, "next");
  joined(started(work, handle));
  return 0;
}
""", *(Library(name, "static __thread int count = 50;\nint next(void) { return ++count; }\n")
       for name in ("counter", "counter2")),
    shows=("in the child: 52", "opened in the child: 51", "in the parent: 52"))

RECIPES = [
    *_in_threads("calls", CALLS, newer_libcs=True), *_in_threads("descriptors", DESCRIPTORS, newer_libcs=True),
    *_in_threads("descriptors of a large block", _with_much(DESCRIPTORS)),
    *_in_libcs_threads("calls", CALLS, ("glibc", "musl")), *_in_libcs_threads("initial-exec", INITIAL_EXEC, ("glibc",)),
    *_INITIAL_EXEC, _TOO_LARGE, _USED_UP, _REUSED, _REOPENED, _MANY, _ALIGNED, _ACROSS, _FREED_WITH_THREAD,
    _FREED_WITH_OBJECT, _OBJECTS, _INHERITED,
]
