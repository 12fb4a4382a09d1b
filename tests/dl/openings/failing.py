"""An open that fails changes nothing: no mapping, no constructor, no object listed, none of what was there before."""

from workshop.recipe import Library

from .common import answers, opening

# The first failure may grow the heap or open a cache; the second must leave every line of maps as it was.
_UNCHANGED = """
struct Seen { unsigned long long adds, subs; int count; };
static int see(struct dl_phdr_info *information, size_t size, void *argument) {
  struct Seen *seen = argument;
  (void)size;
  seen->adds = information->dlpi_adds;
  seen->subs = information->dlpi_subs;
  ++seen->count;
  return 0;
}
static char before[kMappingsSize], after[kMappingsSize];
static void fails_without_a_trace(const char *name, int flags) {
  struct Seen first = {0}, last = {0};
  refused(name, flags);
  dl_iterate_phdr(see, &first);
  read_mappings(before, sizeof before);
  claim("refused", refused(name, flags));
  read_mappings(after, sizeof after);
  dl_iterate_phdr(see, &last);
  claim("the mappings are the same", strcmp(before, after) == 0);
  claim("as many objects", first.count == last.count);
  claim("as many added as removed", last.adds - first.adds == last.subs - first.subs);
}
static int same_descriptors(void) {
  int next = dup(0);
  close(next);
  return next == 3;
}
"""

_BEGINS = """
#include "observe.h"
__attribute__((constructor)) static void begin(void) { say("a constructor that must not run"); }
"""


def _failing(name, program, *libraries, **choices):
    return opening(name, _UNCHANGED + program, *libraries, **choices)


_SYMBOL = _failing(
    "a missing symbol leaves no trace of the object and of what it needs", """
int main(void) {
  fails_without_a_trace("libincomplete.so", RTLD_NOW);
  claim("no descriptor is left open", same_descriptors());
  return 0;
}
""", Library("below", _BEGINS + "int below(void) { return 1; }\n"),
    Library("incomplete", _BEGINS + "int nobody_has_this(void);\nint calls(void) { return nobody_has_this(); }\n",
            needs=("below",)))

_DEPENDENCY = _failing(
    "a missing dependency leaves no trace of the object and of what was found", """
int main(int argc, char **argv) {
  char path[4096];
  snprintf(path, sizeof path, "%s/libabsent.so", argv[1]);
  unlink(path);  // it was there to link with
  fails_without_a_trace("libneeds.so", RTLD_NOW);
  claim("no descriptor is left open", same_descriptors());
  return 0;
}
""", Library("below", _BEGINS + "int below(void) { return 1; }\n"), answers("absent", "absent", 1),
    Library("needs", _BEGINS, needs=("below", "absent")), arguments=("{lib}",))

_VERSION = _failing(
    "a missing version leaves no trace", """
int main(void) {
  fails_without_a_trace("libwants.so", RTLD_NOW);
  return 0;
}
""", Library("versioned", "int thing(void) { return 1; }\n", link=("-Wl,--version-script={source}/versions",),
             files=(("versions", "FUTURE_1 { global: thing; local: *; };\n"),)),
    Library("wants", _BEGINS + "int thing(void);\nint calls(void) { return thing(); }\n", needs=("versioned",)),
    # The same name again without the version that the one above was linked with.
    Library("versioned", "int thing(void) { return 1; }\n", link=("-Wl,--version-script={source}/past",),
            files=(("past", "PAST_1 { global: thing; local: *; };\n"),)), libcs=("glibc",))

_DAMAGE = """
static long length_of(FILE *file) { fseek(file, 0, SEEK_END); return ftell(file); }
/* A copy of a library in `path`, cut to one part in `divisor`, with `byte` changed where `place` is not negative. */
static void copy_damaged(const char *source, const char *path, int divisor, long place, int byte) {
  FILE *in = fopen(source, "rb"), *out = fopen(path, "wb");
  long length = length_of(in);
  char *bytes = malloc(length);
  rewind(in);
  if (fread(bytes, 1, length, in) != (size_t)length) give_up("cannot read", source);
  if (place >= 0) bytes[place] = (char)byte;
  fwrite(bytes, 1, length / divisor, out);
  fclose(in);
  fclose(out);
  free(bytes);
}
int main(int argc, char **argv) {
  char folder[] = "/tmp/damaged-XXXXXX", path[100], source[4096];
  if (!mkdtemp(folder)) give_up("cannot make", folder);
  snprintf(path, sizeof path, "%s/libdamaged.so", folder);
  snprintf(source, sizeof source, "%s/libwhole.so", argv[1]);
  copy_damaged(source, path, DAMAGE);
  fails_without_a_trace(path, RTLD_NOW);
  claim("no descriptor is left open", same_descriptors());
  unlink(path);
  rmdir(folder);
  return 0;
}
"""
_WHOLE = Library("whole", _BEGINS + "int whole[5000] = {1};\nint *address(void) { return whole; }\n")


def _damaged(name, damage, **choices):
    return _failing(name, _DAMAGE.replace("DAMAGE", damage), _WHOLE, arguments=("{lib}",), **choices)


_IN_USE = _failing(
    "a failed open leaves objects that were open as they were", """
int main(void) {
  void *below = opened("libbelow.so", RTLD_NOW);
  say_number("before", answer(below, "next"));
  fails_without_a_trace("libincomplete.so", RTLD_NOW | RTLD_GLOBAL);
  say_number("after", answer(below, "next"));
  claim("not made global", unknown(RTLD_DEFAULT, "next"));
  closed(below);
  claim("not held", !is_mapped("libbelow.so"));
  return 0;
}
""", Library("below", "static int count;\nint next(void) { return ++count; }\n"),
    Library("incomplete", _BEGINS + "int nobody_has_this(void);\nint calls(void) { return nobody_has_this(); }\n",
            needs=("below",)), libcs=("glibc",), shows=("before: 1", "after: 2"))

_THEN_WORKS = _failing(
    "an object that could not be opened can be once its symbol is there", """
int main(void) {
  claim("refused", refused("libwants.so", RTLD_NOW));
  opened("libprovides.so", RTLD_NOW | RTLD_GLOBAL);
  say_number("taken", answer(opened("libwants.so", RTLD_NOW), "taken"));
  return 0;
}
""", answers("provides", "provided", 31),
    Library("wants", "int provided(void);\nint taken(void) { return provided() + 1; }\n"), shows=("taken: 32",))

_NO_FILE = _failing(
    "what is no object is refused: a missing file, a folder, a text, an empty file", """
int main(void) {
  fails_without_a_trace("/nowhere/libnothing.so", RTLD_NOW);
  fails_without_a_trace("/tmp", RTLD_NOW);
  fails_without_a_trace("/etc/passwd", RTLD_NOW);
  fails_without_a_trace("/dev/null", RTLD_NOW);
  claim("no descriptor is left open", same_descriptors());
  return 0;
}
""")

_TLS_FAILED = _failing(
    "a failed open gives its TLS module back", """
static size_t module_of(void *handle) {
  size_t module = 0;
  dlinfo(handle, RTLD_DI_TLS_MODID, &module);
  return module;
}
int main(void) {
  void *handle = opened("libstorage.so", RTLD_NOW);
  size_t before = module_of(handle);
  closed(handle);
  for (int round = 0; round < 50; ++round)
    if (!refused("libincomplete.so", RTLD_NOW)) give_up("did not refuse", "libincomplete.so");
  handle = opened("libstorage.so", RTLD_NOW);
  claim("the same module number", module_of(handle) == before);
  say_number("fresh", answer(handle, "next"));
  return 0;
}
""", Library("storage", "static __thread int count = 5;\nint next(void) { return ++count; }\n"),
    Library("incomplete", """
__thread int own = 9;
int nobody_has_this(void);
int calls(void) { return nobody_has_this() + own; }
"""), libcs=("glibc",), shows=("fresh: 6",))

RECIPES = [
    _SYMBOL, _DEPENDENCY, _VERSION, _IN_USE, _THEN_WORKS, _NO_FILE, _TLS_FAILED,
    # The libcs' own loaders touch what is behind the end of the file, and die of it.
    _damaged("an object cut off in the middle leaves no trace", "2, -1, 0", known="""refused: yes
the mappings are the same: yes
as many objects: yes
as many added as removed: yes
no descriptor is left open: yes
"""),
    _damaged("an object of another machine leaves no trace", "1, 18, 3", libcs=("glibc",)),
    _damaged("an object of another class leaves no trace", "1, 4, 1", libcs=("glibc",)),
    _damaged("an object without its magic number leaves no trace", "1, 0, 0", libcs=("glibc",)),
]
