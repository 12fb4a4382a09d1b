"""What the interface tells about objects: dladdr, dlinfo, dl_iterate_phdr, _r_debug, dlerror, dlmopen."""

from sources import sources_of
from workshop.recipe import Library

from .common import answers, opening

_CASES = sources_of(__file__)

_NAMED = Library("named", """
int data[4] = {1, 2, 3, 4};
static int __attribute__((noinline, used)) without_name(void) { return 1; }
int function(void) { return without_name() + data[0]; }
void *inside(void) { return (char *)function + 1; }
void *inside_data(void) { return &data[2]; }
""")

_DLADDR = opening(
    "dladdr names the object and the symbol of an address in an opened object",
    _CASES / "dladdr.c", _NAMED, shows=("symbol: function", "symbol inside: function", "data: data"))

_DLADDR_OTHERS = opening(
    "dladdr knows the program, libc and the object that was linked, and nothing of the stack",
    _CASES / "dladdr_others.c",
    _NAMED, needs=("named",), link=("-rdynamic",), shows=("its symbol: exported", "its file: libnamed.so"))

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
    "dladdr1 gives the symbol table entry and the link_map",
    _CASES / "dladdr1.c", _NAMED, libcs=("glibc",), shows=("size: 16", "file: libnamed.so"))

_LINKMAP = opening(
    "dlinfo gives the link_map of a handle", _CASES / "linkmap.c", _NAMED, shows=("told: 0", "file: libnamed.so"))

_HANDLE_IS_LINKMAP = opening(
    "a handle is the object's link_map, and the program's the first of them",
    _CASES / "handle_is_linkmap.c", _NAMED, libcs=("glibc",), shows=("seen in the list: 1",))

_DLINFO = opening(
    "dlinfo gives the origin, the namespace and the program headers",
    _CASES / "dlinfo.c", _NAMED, libcs=("glibc",), shows=("origin: 0", "folder: lib", "namespace: 0", "which is: 0"))

_SERINFO = opening(
    "dlinfo gives the search path of an object: its RUNPATH, then the default folders", _CASES / "serinfo.c",
    _NAMED, libcs=("glibc",), machines=("x86_64",), shows=("size: 0", "paths: 0", "first: lib", "/lib: 1"))

_TLS_MODID = opening(
    "dlinfo gives the TLS module and, once it is used, this thread's block", _CASES / "tls_modid.c",
    _NAMED, Library("own", "__thread long variable = 5;\nlong *address(void) { return &variable; }\n"),
    libcs=("glibc",), shows=("its module: 0", "seen by dl_iterate_phdr: 1"))

_ADDS = opening(
    "dl_iterate_phdr counts what was added and removed",
    _CASES / "adds.c", answers("one", "one", 1), answers("two", "two", 2, needs=("one",)), libcs=("glibc",),
    shows=("added by an open: 2", "added by another: 0", "removed by the last close: 2", "listed after: 0"))

_ITERATE = opening(
    "dl_iterate_phdr starts with the program, stops when told, and describes an opened object",
    _CASES / "iterate.c", _NAMED, shows=("told to stop: 17", "the function is in: libnamed.so", "to the end: 0"))

_DEBUG_LIST = opening(
    "_r_debug's list has an opened object and loses it when it is closed",
    _CASES / "debug_list.c", _NAMED, libcs=("glibc",),
    compile=("-fPIC",),  # or the program has a copy of _r_debug that nobody keeps
    shows=("before: 0", "open: 1", "closed: 0"))

_DLERROR = opening(
    "dlerror has an error once, and none without one", _CASES / "dlerror.c")

_DLERROR_LAST = opening(
    "dlerror has the latest error, and a success forgets it", _CASES / "dlerror_last.c", _NAMED, libcs=("glibc",))

_DLERROR_THREADS = opening(
    "dlerror is each thread's own", _CASES / "dlerror_threads.c")

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
    "a handle that is not open cannot be closed",
    _CASES / "closed_too_often.c", _NAMED, libcs=("glibc",), needs=("named",))

_BAD_HANDLES = opening(
    "what is no handle is refused", _CASES / "bad_handles.c", libcs=("musl",))

_LACKING = opening(
    "what libc has not is not there either", _CASES / "lacking.c", libcs=("musl",))

RECIPES = [
    _DLADDR, _DLADDR_OTHERS, _DLADDR_CLOSED, _DLADDR1, _LINKMAP, _HANDLE_IS_LINKMAP, _DLINFO, _SERINFO, _TLS_MODID,
    _ADDS, _ITERATE, _DEBUG_LIST, _DLERROR, _DLERROR_LAST, _DLERROR_THREADS, _DLMOPEN_BASE, _CLOSED_TOO_OFTEN,
    _BAD_HANDLES, _LACKING,
]
