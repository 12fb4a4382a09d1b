"""Programs that look at themselves, and that notice what is wrong with them."""

from workshop.recipe import Library, Recipe

_WITH_LIBC = ("musl", "glibc")


def _plain(name, program, **choices):
    """One program that uses libc; no library of its own."""
    return Recipe(name, program, **{"libcs": _WITH_LIBC, **choices})


_LISTED = Recipe("dl_iterate_phdr lists the program, its library and libc once, where they are", """
#define _GNU_SOURCE
#include <link.h>
#include <stdlib.h>
#include "observe.h"
int in_library(void);
struct Wanted { const char *part; void *address; int found, inside; };
static struct Wanted wanted[3];
static int begins(const char *text, const char *part) {
  while (*part) if (*text++ != *part++) return 0;
  return 1;
}
static int look(struct dl_phdr_info *information, size_t size, void *count) {
  const char *name = last_component(information->dlpi_name);
  if (++*(int *)count == 1) name = "program";
  for (int n = 0; n < 3; ++n) {
    if (!begins(name, wanted[n].part)) continue;
    ++wanted[n].found;
    for (int each = 0; each < information->dlpi_phnum; ++each) {
      const ElfW(Phdr) *segment = &information->dlpi_phdr[each];
      wanted[n].inside += segment->p_type == PT_LOAD &&
          (ElfW(Addr))wanted[n].address - information->dlpi_addr - segment->p_vaddr < segment->p_memsz;
    }
  }
  return size < sizeof *information;
}
int main(void) {
  int count = 0;
  wanted[0] = (struct Wanted){"program", (void *)main, 0, 0};
  wanted[1] = (struct Wanted){"liblisted.so", (void *)in_library, 0, 0};
  wanted[2] = (struct Wanted){LIBC_NAME, (void *)abort, 0, 0};
  dl_iterate_phdr(look, &count);
  for (int n = 0; n < 3; ++n) {
    say_text("name", wanted[n].part);
    say_number("found", wanted[n].found);
    claim("has the address", wanted[n].inside == 1);
  }
  return 0;
}
""".replace("LIBC_NAME", '\n#ifdef LIBC_MUSL\n"l"\n#else\n"libc.so.6"\n#endif\n'),
    (Library("listed", "int in_library(void) { return 1; }\n"),), compile=("-fPIC",), libcs=("glibc",),
    shows=("found: 1",))

_DLADDR = Recipe("dladdr names functions of the program and of its library", """
#define _GNU_SOURCE
#include <dlfcn.h>
#include "observe.h"
int in_library(void);
__attribute__((visibility("default"))) int in_program(void) { return 2; }
static void ask(const char *what, char *address) {
  Dl_info information;
  if (!dladdr(address + 1, &information)) { say_text(what, "not found"); return; }
  say_text(what, information.dli_sname);
  say_text("file", last_component(information.dli_fname));
  claim("exact", information.dli_saddr == address);
  claim("base", *(const unsigned int *)information.dli_fbase == 0x464c457f);
}
int main(void) {
  ask("program", (char *)in_program);
  ask("library", (char *)in_library);
  return 0;
}
""", (Library("listed", "int in_library(void) { return 1; }\n"),), compile=("-fPIC",),
    link=("-Wl,--export-dynamic",), libcs=_WITH_LIBC, shows=("program: in_program", "library: in_library"))

_BACKTRACE = Recipe("backtrace crosses a library", """
#include <execinfo.h>
#include "observe.h"
int through(int (*function)(void));
static int inside(void) {
  void *frames[30];
  return backtrace(frames, 30);
}
int main(void) { say_number("more frames through the library", through(inside) - inside()); return 0; }
""", (Library("through", "int through(int (*function)(void)) { return function() + 0; }\n"),), libcs=("glibc",),
    machines=("x86_64",))

_STACK_PROTECTOR = _plain("a smashed stack is noticed", """
#include <stdio.h>
#include <string.h>
__attribute__((noinline)) static void smash(char *from, int length) {
  char small[8];
  memset(from ? small : 0, 65, length);
  __asm__ volatile("" : : "r"(small) : "memory");
}
int main(int argc, char **argv) {
  puts("before");
  fflush(stdout);
  smash(argv[0], argc + 63);
  puts("after");
  return 0;
}
""", libcs=("glibc",), compile=("-fstack-protector-all", "-Wno-stringop-overflow"), status=-6, shows=("before",),
    machines=("x86_64",))

_CANARY = Recipe("a library's stack protector sees one canary before and after start-up", """
#include "observe.h"
int deep(int depth);
int main(void) { say_number("deep", deep(10)); return 0; }
""", (Library("guarded", """
__attribute__((noinline)) int deep(int depth) {
  char room[64];
  __asm__ volatile("" : : "r"(room) : "memory");
  return depth ? deep(depth - 1) + 1 : 0;
}
__attribute__((constructor)) static void begin(void) { deep(3); }
"""),), libcs=_WITH_LIBC, compile=("-fstack-protector-all",), shows=("deep: 10",))

_ABORTS = _plain("a failed assertion ends the program by SIGABRT", """
#include <assert.h>
#include <stdio.h>
int main(int argc, char **argv) {
  (void)argv;
  puts("before");
  fflush(stdout);
  assert(argc == 99);
  return 0;
}
""", status=-6, shows=("before",), machines=("x86_64",))

RECIPES = [
    _LISTED, _DLADDR, _BACKTRACE, _STACK_PROTECTOR, _CANARY, _ABORTS,
]
