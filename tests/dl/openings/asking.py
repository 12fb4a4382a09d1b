"""What the interface tells about objects: dladdr, dlinfo, dl_iterate_phdr, _r_debug, dlerror, dlmopen."""

from workshop.recipe import Library

from .common import answers, opening

_NAMED = Library("named", """
int data[4] = {1, 2, 3, 4};
static int __attribute__((noinline, used)) without_name(void) { return 1; }
int function(void) { return without_name() + data[0]; }
void *inside(void) { return (char *)function + 1; }
void *inside_data(void) { return &data[2]; }
""")

_DLADDR = opening(
    "dladdr names the object and the symbol of an address in an opened object", """
int main(void) {
  void *handle = opened("libnamed.so", RTLD_NOW);
  void *function = found(handle, "function");
  Dl_info here, inside, data;
  claim("known", dladdr(function, &here) != 0);
  say_text("file", here.dli_fname);
  say_text("symbol", here.dli_sname);
  claim("its address", here.dli_saddr == function);
  claim("inside it", dladdr(((void *(*)(void))found(handle, "inside"))(), &inside) != 0);
  say_text("symbol inside", inside.dli_sname);
  claim("the start of it", inside.dli_saddr == function);
  claim("the same base", inside.dli_fbase == here.dli_fbase);
  claim("an ELF header there", memcmp(here.dli_fbase, "\\177ELF", 4) == 0);
  claim("inside data", dladdr(((void *(*)(void))found(handle, "inside_data"))(), &data) != 0);
  say_text("data", data.dli_sname);
  return 0;
}
""", _NAMED, shows=("symbol: function", "symbol inside: function", "data: data"))

_DLADDR_OTHERS = opening(
    "dladdr knows the program, libc and the object that was linked, and nothing of the stack", """
int exported(void) { return 1; }
int function(void);
int main(void) {
  Dl_info own, libc, linked, none;
  int on_stack;
  claim("the program", dladdr((void *)exported, &own) != 0);
  say_text("its symbol", own.dli_sname);
  claim("libc", dladdr((void *)OPAQUE(strtol), &libc) != 0);
  say_text("its symbol", libc.dli_sname);
  claim("libc's file", strstr(libc.dli_fname, "libc") || strstr(libc.dli_fname, "ld-musl"));
  claim("the linked object", dladdr((void *)OPAQUE(function), &linked) != 0);
  say_text("its file", last_component(linked.dli_fname));
  claim("not the stack", dladdr(&on_stack, &none) == 0);
  claim("not the heap", dladdr(malloc(100), &none) == 0);
  claim("not nothing", dladdr(0, &none) == 0);
  return 0;
}
""", _NAMED, needs=("named",), link=("-rdynamic",), shows=("its symbol: exported", "its file: libnamed.so"))

_DLADDR_CLOSED = opening(
    "dladdr does not know an address whose object was closed", """
int main(void) {
  Dl_info information;
  void *handle = opened("libnamed.so", RTLD_NOW);
  void *function = found(handle, "function");
  closed(handle);
  claim("unknown", dladdr(function, &information) == 0);
  return 0;
}
""", _NAMED, libcs=("glibc",))

_DLADDR1 = opening(
    "dladdr1 gives the symbol table entry and the link_map", """
int main(void) {
  Dl_info information;
  const ElfW(Sym) *entry = 0;
  struct link_map *map = 0;
  void *handle = opened("libnamed.so", RTLD_NOW);
  char *data = found(handle, "data");
  claim("entry", dladdr1(data + 4, &information, (void **)&entry, RTLD_DL_SYMENT) != 0 && entry);
  say_number("size", entry->st_size);
  claim("link_map", dladdr1(data, &information, (void **)&map, RTLD_DL_LINKMAP) != 0 && map);
  claim("entry's address", (char *)map->l_addr + entry->st_value == data);
  say_text("file", last_component(map->l_name));
  return 0;
}
""", _NAMED, libcs=("glibc",), shows=("size: 16", "file: libnamed.so"))

_LINKMAP = opening(
    "dlinfo gives the link_map of a handle", """
static int has_dynamic(const ElfW(Dyn) *entry, ElfW(Sxword) tag) {
  for (; entry->d_tag != DT_NULL; ++entry)
    if (entry->d_tag == tag) return 1;
  return 0;
}
int main(void) {
  struct link_map *map = 0;
  Dl_info information;
  void *handle = opened("libnamed.so", RTLD_NOW);
  say_number("told", dlinfo(handle, RTLD_DI_LINKMAP, &map));
  dladdr(found(handle, "function"), &information);
  say_text("file", last_component(map->l_name));
  claim("base", (void *)map->l_addr == information.dli_fbase);
  claim("dynamic section", has_dynamic(map->l_ld, DT_SONAME));
  claim("linked to the ones before", map->l_prev && map->l_prev->l_next == map);
  return 0;
}
""", _NAMED, shows=("told: 0", "file: libnamed.so"))

_HANDLE_IS_LINKMAP = opening(
    "a handle is the object's link_map, and the program's the first of them", """
int main(void) {
  struct link_map *map = 0, *program = opened(0, RTLD_NOW);
  void *handle = opened("libnamed.so", RTLD_NOW);
  dlinfo(handle, RTLD_DI_LINKMAP, &map);
  claim("the handle", map == handle);
  claim("no name", program->l_name[0] == 0);
  claim("none before", program->l_prev == 0);
  int seen = 0;
  for (struct link_map *each = program; each; each = each->l_next) seen += each == map;
  say_number("seen in the list", seen);
  return 0;
}
""", _NAMED, libcs=("glibc",), shows=("seen in the list: 1",))

_DLINFO = opening(
    "dlinfo gives the origin, the namespace and the program headers", """
int main(void) {
  char origin[4096];
  Lmid_t space = 77;
  const ElfW(Phdr) *headers = 0;
  void *handle = opened("libnamed.so", RTLD_NOW);
  say_number("origin", dlinfo(handle, RTLD_DI_ORIGIN, origin));
  say_text("folder", last_component(origin));
  say_number("namespace", dlinfo(handle, RTLD_DI_LMID, &space));
  say_number("which is", space);
  int count = dlinfo(handle, 11 /* RTLD_DI_PHDR */, &headers), loads = 0;
  for (int n = 0; n < count; ++n) loads += headers[n].p_type == PT_LOAD;
  claim("program headers", loads > 0 && loads < count);
  dlerror();
  claim("nothing else", dlinfo(handle, 999, &space) == -1 && dlerror() != 0);
  return 0;
}
""", _NAMED, libcs=("glibc",), shows=("origin: 0", "folder: lib", "namespace: 0", "which is: 0"))

_SERINFO = opening(
    "dlinfo gives the search path of an object: its RUNPATH, then the default folders", """
int main(void) {
  Dl_serinfo size, *paths;
  void *handle = opened("libnamed.so", RTLD_NOW);
  say_number("size", dlinfo(handle, RTLD_DI_SERINFOSIZE, &size));
  paths = malloc(size.dls_size);
  dlinfo(handle, RTLD_DI_SERINFOSIZE, paths);
  say_number("paths", dlinfo(handle, RTLD_DI_SERINFO, paths));
  claim("as many", paths->dls_cnt == size.dls_cnt && size.dls_cnt > 1);
  say_text("first", last_component(paths->dls_serpath[0].dls_name));
  int usual = 0;
  for (unsigned n = 1; n < paths->dls_cnt; ++n) usual += strcmp(paths->dls_serpath[n].dls_name, "/lib") == 0;
  say_number("/lib", usual);
  return 0;
}
""", _NAMED, libcs=("glibc",), machines=("x86_64",), shows=("size: 0", "paths: 0", "first: lib", "/lib: 1"))

_TLS_MODID = opening(
    "dlinfo gives the TLS module and, once it is used, this thread's block", """
static int seen_in_list;
static size_t module;
static int look(struct dl_phdr_info *information, size_t size, void *unused) {
  (void)size; (void)unused;
  seen_in_list += information->dlpi_tls_modid == module && strstr(information->dlpi_name, "libown") != 0;
  return 0;
}
int main(void) {
  size_t none = 99;
  void *data = &none, *handle = opened("libown.so", RTLD_NOW);
  say_number("without TLS", dlinfo(opened("libnamed.so", RTLD_NOW), RTLD_DI_TLS_MODID, &none));
  say_number("its module", none);
  say_number("with TLS", dlinfo(handle, RTLD_DI_TLS_MODID, &module));
  claim("a module", module > 0);
  dl_iterate_phdr(look, 0);
  say_number("seen by dl_iterate_phdr", seen_in_list);
  dlinfo(handle, RTLD_DI_TLS_DATA, &data);
  claim("no block before the first use", data == 0);
  char *variable = found(handle, "variable");
  say_number("block", dlinfo(handle, RTLD_DI_TLS_DATA, &data));
  claim("the variable is in it", variable >= (char *)data && variable < (char *)data + 64);
  return 0;
}
""", _NAMED, Library("own", "__thread long variable = 5;\nlong *address(void) { return &variable; }\n"),
    libcs=("glibc",), shows=("its module: 0", "seen by dl_iterate_phdr: 1"))

_ADDS = opening(
    "dl_iterate_phdr counts what was added and removed", """
struct Counts { unsigned long long adds, subs; int listed; const char *name; };
static int count(struct dl_phdr_info *information, size_t size, void *argument) {
  struct Counts *counts = argument;
  if (size < sizeof *information) return 1;
  counts->adds = information->dlpi_adds;
  counts->subs = information->dlpi_subs;
  counts->listed += strstr(information->dlpi_name, counts->name) != 0;
  return 0;
}
static struct Counts counted(const char *name) {
  struct Counts counts = {0, 0, 0, name};
  dl_iterate_phdr(count, &counts);
  return counts;
}
int main(void) {
  struct Counts before = counted("libtwo.so");
  void *handle = opened("libtwo.so", RTLD_NOW);
  struct Counts during = counted("libtwo.so");
  opened("libtwo.so", RTLD_NOW);
  struct Counts twice = counted("libtwo.so");
  closed(handle);
  closed(handle);
  struct Counts after = counted("libtwo.so");
  say_number("added by an open", during.adds - before.adds);
  say_number("added by another", twice.adds - during.adds);
  say_number("removed by then", twice.subs - before.subs);
  say_number("removed by the last close", after.subs - twice.subs);
  say_number("listed before", before.listed);
  say_number("listed while open", during.listed);
  say_number("listed after", after.listed);
  return 0;
}
""", answers("one", "one", 1), answers("two", "two", 2, needs=("one",)), libcs=("glibc",),
    shows=("added by an open: 2", "added by another: 0", "removed by the last close: 2", "listed after: 0"))

_ITERATE = opening(
    "dl_iterate_phdr starts with the program, stops when told, and describes an opened object", """
static int first(struct dl_phdr_info *information, size_t size, void *argument) {
  (void)size;
  *(const char **)argument = information->dlpi_name;
  return 17;
}
static int describe(struct dl_phdr_info *information, size_t size, void *function) {
  (void)size;
  int inside = 0;
  for (int n = 0; n < information->dlpi_phnum; ++n) {
    const ElfW(Phdr) *header = &information->dlpi_phdr[n];
    uintptr_t start = information->dlpi_addr + header->p_vaddr;
    inside += header->p_type == PT_LOAD && (uintptr_t)function - start < header->p_memsz;
  }
  if (inside) say_text("the function is in", last_component(information->dlpi_name));
  return 0;
}
int main(void) {
  const char *name = "unset";
  say_number("told to stop", dl_iterate_phdr(first, &name));
  claim("the program first", name[0] == 0 || strcmp(last_component(name), "program") == 0);
  void *handle = opened("libnamed.so", RTLD_NOW);
  say_number("to the end", dl_iterate_phdr(describe, found(handle, "function")));
  return 0;
}
""", _NAMED, shows=("told to stop: 17", "the function is in: libnamed.so", "to the end: 0"))

_DEBUG_LIST = opening(
    "_r_debug's list has an opened object and loses it when it is closed", """
static int listed(const char *name) {
  int count = 0;
  for (struct link_map *map = _r_debug.r_map; map; map = map->l_next) count += strstr(map->l_name, name) != 0;
  return count;
}
int main(void) {
  say_number("before", listed("libnamed.so"));
  void *handle = opened("libnamed.so", RTLD_NOW);
  say_number("open", listed("libnamed.so"));
  claim("consistent", _r_debug.r_state == RT_CONSISTENT);
  closed(handle);
  say_number("closed", listed("libnamed.so"));
  claim("consistent again", _r_debug.r_state == RT_CONSISTENT);
  return 0;
}
""", _NAMED, libcs=("glibc",), compile=("-fPIC",),  # or the program has a copy of _r_debug that nobody keeps
    shows=("before: 0", "open: 1", "closed: 0"))

_DLERROR = opening(
    "dlerror has an error once, and none without one", """
int main(void) {
  claim("none at the start", dlerror() == 0);
  dlopen("libmissing.so", RTLD_NOW);
  const char *text = dlerror();
  claim("one after a failure", text && strstr(text, "libmissing.so"));
  claim("none when it was read", dlerror() == 0);
  claim("unknown symbol", dlsym(RTLD_DEFAULT, "no_such_symbol") == 0);
  text = dlerror();
  claim("it is named", text && strstr(text, "no_such_symbol"));
  claim("none when it was read", dlerror() == 0);
  return 0;
}
""")

_DLERROR_LAST = opening(
    "dlerror has the latest error, and a success forgets it", """
int main(void) {
  dlopen("libfirst_missing.so", RTLD_NOW);
  dlopen("libsecond_missing.so", RTLD_NOW);
  const char *text = dlerror();
  claim("the latest", text && strstr(text, "libsecond_missing.so"));
  dlopen("libthird_missing.so", RTLD_NOW);
  opened("libnamed.so", RTLD_NOW);
  claim("forgotten", dlerror() == 0);
  return 0;
}
""", _NAMED, libcs=("glibc",))

_DLERROR_THREADS = opening(
    "dlerror is each thread's own", """
static pthread_barrier_t both;
static void *fail(void *unused) {
  (void)unused;
  claim("none from main", dlerror() == 0);
  dlopen("libof_the_thread.so", RTLD_NOW);
  pthread_barrier_wait(&both);
  pthread_barrier_wait(&both);
  const char *text = dlerror();
  claim("the thread's own", text && strstr(text, "libof_the_thread.so"));
  return 0;
}
int main(void) {
  pthread_barrier_init(&both, 0, 2);
  dlopen("libof_main.so", RTLD_NOW);
  pthread_t thread = started(fail, 0);
  pthread_barrier_wait(&both);
  const char *text = dlerror();
  claim("main's own", text && strstr(text, "libof_main.so"));
  claim("read once", dlerror() == 0);
  pthread_barrier_wait(&both);
  joined(thread);
  return 0;
}
""")

_DLMOPEN_BASE = opening(
    "dlmopen into the program's own namespace is dlopen", """
int main(void) {
  void *handle = dlmopen(LM_ID_BASE, "libnamed.so", RTLD_NOW);
  claim("opened", handle != 0);
  claim("one object", handle == opened("libnamed.so", RTLD_NOW));
  return 0;
}
""", _NAMED, libcs=("glibc",))

_CLOSED_TOO_OFTEN = opening(
    "a handle that is not open cannot be closed", """
int main(void) {
  void *handle = opened("libnamed.so", RTLD_NOW | RTLD_NOLOAD);
  closed(handle);
  dlerror();
  claim("refused", dlclose(handle) != 0);
  claim("with an error", dlerror() != 0);
  claim("still there", is_mapped("libnamed.so"));
  return 0;
}
""", _NAMED, libcs=("glibc",), needs=("named",))

_BAD_HANDLES = opening(
    "what is no handle is refused", """
int main(void) {
  static char zeros[4096];
  struct link_map *map;
  void *bad = zeros + 64;
  claim("dlsym", unknown(bad, "strlen"));
  claim("dlclose", dlclose(bad) != 0 && dlerror() != 0);
  claim("dlinfo", dlinfo(bad, RTLD_DI_LINKMAP, &map) != 0 && dlerror() != 0);
  return 0;
}
""", libcs=("musl",))

_LACKING = opening(
    "what libc has not is not there either", """
__attribute__((weak)) int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
__attribute__((weak)) int dladdr1(const void *, Dl_info *, void **, int);
int main(void) {
  const char *names[] = {"dlvsym", "dlmopen", "dladdr1", "_dl_find_object", "__cxa_thread_atexit_impl",
                         "backtrace_symbols", "dlopen", "dladdr"};
  for (unsigned n = 0; n < sizeof names / sizeof *names; ++n)
    claim(names[n], (dlsym(RTLD_DEFAULT, names[n]) != 0) == (n > 5));
  claim("by weak references", __cxa_thread_atexit_impl == 0 && dladdr1 == 0);
  return 0;
}
""", libcs=("musl",))

RECIPES = [
    _DLADDR, _DLADDR_OTHERS, _DLADDR_CLOSED, _DLADDR1, _LINKMAP, _HANDLE_IS_LINKMAP, _DLINFO, _SERINFO, _TLS_MODID,
    _ADDS, _ITERATE, _DEBUG_LIST, _DLERROR, _DLERROR_LAST, _DLERROR_THREADS, _DLMOPEN_BASE, _CLOSED_TOO_OFTEN,
    _BAD_HANDLES, _LACKING,
]
