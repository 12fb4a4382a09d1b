"""What a program finds at its start: stack, arguments, environment, auxiliary vector, descriptors."""

from workshop.recipe import Library, Recipe

_WITH_LIBC = ("musl", "glibc")

_STACK = Recipe(
    "the stack at the entry point is aligned and begins with argc", """
#include "observe.h"
int main(int argc, char **argv, char **environment) {
  claim("aligned to 16", (unsigned long)initial_stack % 16 == 0);
  claim("argc", initial_stack[0] == argc);
  claim("argv", (char **)(initial_stack + 1) == argv);
  claim("argv ends", argv[argc] == 0);
  claim("the environment follows", environment == argv + argc + 1);
  return 0;
}
""", (Library("any", "int any;\n"),), libcs=("none",), arguments=("one", "two"))

_ARGUMENTS = Recipe(
    "arguments and environment arrive unchanged and in order", """
#include "observe.h"
int main(int argc, char **argv, char **environment) {
  say_number("argc", argc);
  for (int n = 1; n <= argc; ++n) say_text("argument", argv[n]);
  for (; *environment; ++environment) say_text("environment", *environment);
  return 0;
}
""", (Library("any", "int any;\n"),), arguments=("", "two words", "--list", "-x=\\n", "--", "ünïcode"),
    environment=(("EMPTY", ""), ("LD_BIND_NOW", "1"), ("LD_LIBRARY_PATH", "/nowhere:/neither"), ("A", "=b=c=")),
    shows=("argument: two words", "argument: --list", "environment: LD_LIBRARY_PATH=/nowhere:/neither",
           "environment: A==b=c="))

_AUXV_COMMON = """
#include <elf.h>
#include "observe.h"
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));
extern char _start[] __attribute__((visibility("hidden")));
static unsigned long value(char **environment, unsigned long type) {
  while (*environment) ++environment;
  for (Elf64_auxv_t *each = (Elf64_auxv_t *)(environment + 1); each->a_type != AT_NULL; ++each)
    if (each->a_type == type) return each->a_un.a_val;
  return 0;
}
"""
_AUXV_PROGRAM = _AUXV_COMMON + """
int main(int argc, char **argv, char **environment) {
  (void)argc; (void)argv;
  claim("AT_PHDR", value(environment, AT_PHDR) == (unsigned long)&__ehdr_start + __ehdr_start.e_phoff);
  claim("AT_PHNUM", value(environment, AT_PHNUM) == __ehdr_start.e_phnum);
  claim("AT_PHENT", value(environment, AT_PHENT) == sizeof(Elf64_Phdr));
  claim("AT_ENTRY", value(environment, AT_ENTRY) == (unsigned long)_start);
  claim("AT_RANDOM", value(environment, AT_RANDOM) != 0);
  claim("AT_PAGESZ", value(environment, AT_PAGESZ) >= 4096);
  say_number("AT_SECURE", value(environment, AT_SECURE));
  MORE
  return 0;
}
"""


_AUXV_RIGHT = "".join(f"{name}: yes\n" for name in (
    "AT_PHDR", "AT_PHNUM", "AT_PHENT", "AT_ENTRY", "AT_RANDOM", "AT_PAGESZ")) + "AT_SECURE: 0\n"


def _auxv(name, more="", **choices):
    return Recipe(name, _AUXV_PROGRAM.replace("MORE", more), (Library("any", "int any;\n"),), **choices)


def _described(program, **choices):
    """musl's loader, run as a command, lets the program see its own values: it can be asked only as PT_INTERP."""
    name = f"the auxiliary vector describes {program}"
    yield _auxv(name, libcs=("none", "glibc"), linkers=("gnu", "lld"), **choices)
    yield _auxv(f"{name} of musl", libcs=("musl",), launchers=("interp",), newer_libcs=False, **choices)
    yield _auxv(f"{name} of musl started by a command", libcs=("musl",), launchers=("command",), newer_libcs=False,
                page_sizes=(), known=_AUXV_RIGHT, **choices)


_AUXV_ONCE = Recipe(
    "every entry of the auxiliary vector appears once and as the kernel wrote it", _AUXV_COMMON + """
int main(int argc, char **argv, char **environment) {
  (void)argc; (void)argv;
  while (*environment) ++environment;
  Elf64_auxv_t *first = (Elf64_auxv_t *)(environment + 1);
  int twice = 0;
  for (Elf64_auxv_t *each = first; each->a_type != AT_NULL; ++each) {
    if (each->a_type < 50) say_number("type", each->a_type);
    for (Elf64_auxv_t *other = first; other != each; ++other)
      twice += other->a_type == each->a_type && each->a_type != AT_IGNORE;
  }
  say_number("types that appear twice", twice);
  return 0;
}
""", shows=("types that appear twice: 0",), launchers=("interp",), newer_libcs=False)

_GETAUXVAL = Recipe(
    "getauxval gives the program's own values", """
#include <elf.h>
#include <sys/auxv.h>
#include "observe.h"
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));
extern char _start[] __attribute__((visibility("hidden")));
int main(void) {
  claim("AT_PHDR", getauxval(AT_PHDR) == (unsigned long)&__ehdr_start + __ehdr_start.e_phoff);
  claim("AT_ENTRY", getauxval(AT_ENTRY) == (unsigned long)_start);
  claim("AT_PHNUM", getauxval(AT_PHNUM) == __ehdr_start.e_phnum);
  say_number("AT_HWCAP", getauxval(AT_HWCAP));
  say_text("AT_PLATFORM", getauxval(AT_PLATFORM) ? (const char *)getauxval(AT_PLATFORM) : "none");
  return 0;
}
""", libcs=("glibc",))

_NAMES = Recipe(
    "libc knows the program by its name", """
#define _GNU_SOURCE
#include <errno.h>
#include "observe.h"
int main(int argc, char **argv) {
  (void)argc;
  claim("as argv has it", program_invocation_name == argv[0]);
  say_text("short name", program_invocation_short_name);
  return 0;
}
""", libcs=_WITH_LIBC, shows=("short name: program",))

_DESCRIPTORS = Recipe(
    "the loader leaves no file open", """
#include "observe.h"
#if defined __x86_64__
enum { kFcntl = 72 };
#else
enum { kFcntl = 25 };
#endif
int main(void) {
  int open = 0;
  for (int n = 3; n < 64; ++n) open += kernel_call(kFcntl, n, 1, 0) >= 0;
  say_number("open besides the first three", open);
  return 0;
}
""", (Library("any", "int any;\n"), Library("other", "int other;\n")), machines=("x86_64",),
    shows=("open besides the first three: 0",))

_ERRNO = Recipe(
    "errno is nought at the start", """
#include <errno.h>
#include "observe.h"
int main(void) { say_number("errno", errno); return 0; }
""", libcs=_WITH_LIBC, shows=("errno: 0",), environment=(("LD_LIBRARY_PATH", "/nowhere"),))

_CLOCK = Recipe(
    "libc finds the vDSO's clock", """
#include <time.h>
#include "observe.h"
int main(void) {
  struct timespec one, other;
  claim("first", clock_gettime(CLOCK_MONOTONIC, &one) == 0);
  claim("second", clock_gettime(CLOCK_MONOTONIC, &other) == 0);
  claim("forward", other.tv_sec > one.tv_sec || (other.tv_sec == one.tv_sec && other.tv_nsec >= one.tv_nsec));
  claim("a time after this was written", time(0) > 1700000000);
  return 0;
}
""", libcs=_WITH_LIBC)

RECIPES = [
    _STACK, _ARGUMENTS,
    *_described("a position-independent program"), *_described("a program at a fixed address", pie=False),
    _auxv("the auxiliary vector names the loader's address and the program's file",
          'claim("AT_BASE", value(environment, AT_BASE) != 0);\n'
          '  say_text("AT_EXECFN", last_component((const char *)value(environment, AT_EXECFN)));',
          launchers=("interp",), newer_libcs=False, shows=("AT_EXECFN: program",)),
    _AUXV_ONCE, _GETAUXVAL, _NAMES, _DESCRIPTORS, _ERRNO, _CLOCK,
]
