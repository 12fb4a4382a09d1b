"""COPY relocations, canonical function addresses of programs at fixed addresses, and interposition on libc."""

from workshop.recipe import Library, Recipe

_WITH_LIBC = ("musl", "glibc")
_BOTH_KINDS = ((True, "a position-independent program"), (False, "a program at a fixed address"))

_COPY_PROGRAM = """
#include "observe.h"
extern int number, big[1000];
extern const char *text;
extern const int constant;
int *number_in_library(void), *big_in_library(void), in_number(void);
const int *constant_in_library(void);
int main(void) {
  say_number("number", number);
  say_text("text", text);
  say_number("last of the big", big[999]);
  say_number("constant", constant);
  claim("one number", number_in_library() == &number);
  claim("one array", big_in_library() == big);
  claim("one constant", constant_in_library() == &constant);
  number = 6;
  say_number("as the library sees it", in_number());
  return 0;
}
"""
_COPY_LIBRARY = """
int number = 5, big[1000] = {[999] = 99};
extern const char hidden_text[] __attribute__((visibility("hidden")));
const char hidden_text[] = "relocated before it was copied";
const char *text = hidden_text;
const int constant = 12;
int *number_in_library(void) { return &number; }
int in_number(void) { return number; }
int *big_in_library(void) { return big; }
const int *constant_in_library(void) { return &constant; }
"""


def _copy(pie, who):
    return Recipe(f"{who} holds copies of its library's variables", _COPY_PROGRAM, (Library("data", _COPY_LIBRARY),),
                  pie=pie, linkers=("gnu", "lld"), shows=("number: 5", "text: relocated before it was copied",
                                                          "last of the big: 99", "as the library sees it: 6"))


_COPY_CHAIN = Recipe(
    "a copied pointer to another library's variable is right", """
#include "observe.h"
extern int *pointer, target;
int main(void) {
  claim("the pointer points to the program's copy", pointer == &target);
  say_number("value", *pointer);
  return 0;
}
""", (Library("target", "int target = 31;\n"),
      Library("pointer", "extern int target;\nint *pointer = &target;\n", needs=("target",))), pie=False,
    linkers=("gnu", "lld"), shows=("value: 31",))

_COPY_INTERPOSED = Recipe(
    "a copy is taken from the first library that defines the variable", """
#include "observe.h"
extern int number;
int main(void) { say_number("number", number); return 0; }
""", (Library("plain", "int number = 1;\n"), Library("preloaded", "int number = 2;\n")), needs=("plain",),
    preload=("preloaded",), pie=False, shows=("number: 2",))

_LIBC_DATA_PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "observe.h"
extern char **environ;
FILE *stdout_in_library(void);
int *optind_in_library(void);
char ***environ_in_library(void);
int main(int argc, char **argv, char **environment) {
  claim("environ is main's", environ == environment);
  claim("one environ", environ_in_library() == &environ);
  claim("one optind", optind_in_library() == &optind);
  claim("one stdout", stdout_in_library() == stdout);
  claim("stderr is another", stderr != stdout && stderr);
  say_number("optind", optind);
  char *words[] = {"program", "-a", "-b", "rest", 0};
  int letters = 0;
  while (getopt(4, words, "ab") != -1) ++letters;
  say_number("letters", letters);
  say_number("optind after getopt", optind);
  setenv("ADDED", "value", 1);
  int found = 0;
  for (char **each = environ; *each; ++each) found += same_text(*each, "ADDED=value");
  say_number("seen in environ", found);
  fputs("by the copied stdout\\n", stdout);
  return 0;
}
"""
_LIBC_DATA_LIBRARY = """
#include <stdio.h>
#include <unistd.h>
extern char **environ;
FILE *stdout_in_library(void) { return stdout; }
int *optind_in_library(void) { return &optind; }
char ***environ_in_library(void) { return &environ; }
"""


def _libc_copy(pie, who):
    return Recipe(f"{who} shares stdout, environ and optind with libc and a library", _LIBC_DATA_PROGRAM,
                  (Library("sees", _LIBC_DATA_LIBRARY),), pie=pie, libcs=_WITH_LIBC, linkers=("gnu", "lld"),
                  compilers=("gcc", "clang") if not pie else ("gcc",),
                  shows=("optind after getopt: 3", "seen in environ: 1", "by the copied stdout"))


_CANONICAL = Recipe(
    "a program at a fixed address and its libraries agree on the address of a function", """
#include "observe.h"
void function(void);
int called(void);
void (*address_in_own(void))(void), (*address_in_other(void))(void);
static void (*const table[])(void) = {function};
int main(void) {
  claim("its library", OPAQUE(&function) == address_in_own());
  claim("another library", OPAQUE(&function) == address_in_other());
  claim("a table", OPAQUE(&table[0])[0] == address_in_own());
  function();
  address_in_own()();
  say_number("called", called());
  return 0;
}
""", (Library("own", "static int calls;\nvoid function(void) { ++calls; }\nint called(void) { return calls; }\n"
              "void (*address_in_own(void))(void) { return function; }\n"),
      Library("other", "void function(void);\nvoid (*address_in_other(void))(void) { return function; }\n",
              needs=("own",))), pie=False, linkers=("gnu", "lld"), shows=("called: 2",))

_LIBC_FUNCTION_ADDRESS = Recipe(
    "a program at a fixed address and a library agree on the address of a libc function", """
#include <stdlib.h>
#include <string.h>
#include "observe.h"
void *address_of_free(void), *address_of_strlen(void);
int main(void) {
  claim("free", OPAQUE((void *)&free) == address_of_free());
  claim("strlen", OPAQUE((void *)&strlen) == address_of_strlen());
  say_number("length", ((size_t(*)(const char *))address_of_strlen())("four"));
  return 0;
}
""", (Library("sees", "#include <stdlib.h>\n#include <string.h>\n"
              "void *address_of_free(void) { return (void *)&free; }\n"
              "void *address_of_strlen(void) { return (void *)&strlen; }\n"),), pie=False, libcs=_WITH_LIBC,
    linkers=("gnu", "lld"), shows=("length: 4",))

# An allocator that never gives back: enough to see who calls it.
_MALLOC = """
#include <stddef.h>
#include <string.h>
#include "observe.h"
LENGTHEN_FILE;
int allocations;
static _Alignas(16) char arena[4 << 20];
static size_t used;
void *malloc(size_t size) {
  ++allocations;
  size_t start = used + 16;
  used = start + ((size + 15) & ~(size_t)15);
  *(size_t *)(arena + start - 16) = size;
  return arena + start;
}
void free(void *memory) { (void)memory; }
void *calloc(size_t count, size_t size) { return memset(malloc(count * size), 0, count * size); }
void *realloc(void *old, size_t size) {
  void *fresh = malloc(size);
  if (old) {
    size_t had = *(size_t *)((char *)old - 16);
    memcpy(fresh, old, had < size ? had : size);
  }
  return fresh;
}
void *memalign(size_t alignment, size_t size) { (void)alignment; return malloc(size); }
void *aligned_alloc(size_t alignment, size_t size) { (void)alignment; return malloc(size); }
int posix_memalign(void **result, size_t alignment, size_t size) {
  (void)alignment;
  *result = malloc(size);
  return 0;
}
int is_ours(const void *memory) { return (const char *)memory >= arena && (const char *)memory < arena + sizeof arena; }
"""
_MALLOC_USER = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "observe.h"
int is_ours(const void *memory) __attribute__((weak));
char *copied_in_library(void);
int main(void) {
  char *text = strdup("duplicated by libc");
  say(text);
  claim("libc's strdup took our malloc", is_ours(text));
  claim("and the library's", is_ours(copied_in_library()));
  claim("the program's malloc is ours", is_ours(malloc(8)));
  char *line = 0;
  size_t size = 0;
  FILE *stream = open_memstream(&line, &size);
  fputs("into memory", stream);
  fclose(stream);
  claim("open_memstream took our malloc", is_ours(line));
  free(text);
  return 0;
}
"""
_COPIER = '#include <string.h>\nchar *copied_in_library(void) { return strdup("in a library"); }\n'


def _malloc_recipes():
    copier, allocator = Library("copier", _COPIER), Library("allocator", _MALLOC)
    common = {"much_zero": True, "libcs": _WITH_LIBC, "compile": ("-fPIC",), "shows": ("duplicated by libc",)}
    yield Recipe("malloc of the program is libc's too", _MALLOC_USER.replace("__attribute__((weak))", "") + _MALLOC,
                 (copier,), linkers=("gnu", "lld"), **common)
    yield Recipe("malloc of a library is libc's too", _MALLOC_USER, (copier, allocator), **common)
    yield Recipe("malloc of a preloaded library is libc's too", _MALLOC_USER, (copier, allocator), needs=("copier",),
                 preload=("allocator",), **common)


_OVERRIDDEN = Recipe(
    "a program's own version of a libc function is used by its library and its callers", """
#include <string.h>
#include <unistd.h>
#include "observe.h"
pid_t getpid(void) { return 4321; }
int pid_in_library(void);
int main(void) {
  say_number("program", getpid());
  say_number("library", pid_in_library());
  return 0;
}
""", (Library("asks", "#include <unistd.h>\nint pid_in_library(void) { return getpid(); }\n"),), libcs=_WITH_LIBC,
    shows=("library: 4321",))

RECIPES = [
    *(_copy(pie, who) for pie, who in _BOTH_KINDS), _COPY_CHAIN, _COPY_INTERPOSED,
    *(_libc_copy(pie, who) for pie, who in _BOTH_KINDS), _CANONICAL, _LIBC_FUNCTION_ADDRESS, *_malloc_recipes(),
    _OVERRIDDEN,
]
