"""Programs under sanitizers, whose run-times stand before dlopen, dlsym, pthread_create and __tls_get_addr."""

from sources import sources_of
from workshop.recipe import Library

from .common import with_cplusplus

_CASES = sources_of(__file__)

_PROGRAM = _CASES / "sanitized.cc"
_PLUGIN = _CASES / "libplugin.cc"


_KEEPING = _CASES / "keeping.cc"
_KEEPER = """
#include <cstdlib>
thread_local void *memory;
extern "C" int keep() { memory = std::malloc(4321); return memory != nullptr; }
"""
_FOLLOWING = _CASES / "following.cc"


def _sanitized(sanitizer, compiler, name="opened objects, threads, TLS and exceptions", options="", program=_PROGRAM,
               plugin=_PLUGIN, shows=("TLS of the object: 51", "a thread's own: 6", "caught: a text"), **choices):
    """The path of all is set: the sanitizer's dlopen stands between, so it is the caller whose RUNPATH counts."""
    flags = (f"-fsanitize={sanitizer}", "-g")
    environment = (("LD_LIBRARY_PATH", "{lib}"), ("ASAN_OPTIONS", options), ("LSAN_OPTIONS", "print_suppressions=0"))
    return with_cplusplus(f"{sanitizer} sanitizer of {compiler}: {name}", program,
                          Library("plugin", plugin, language="c++", compile=flags), machines=("x86_64",),
                          compilers=(compiler,), compile=flags, link=(*flags, "-pthread"), environment=environment,
                          shows=shows, **choices)


# As a command glibc's own loader has allocations of its own start reported as leaks.
RECIPES = [
    *(_sanitized("address", compiler, options="detect_leaks=0") for compiler in ("gcc", "clang")),
    *(_sanitized("address", compiler, "no leak is reported", launchers=("interp",)) for compiler in ("gcc", "clang")),
    *(_sanitized(sanitizer, compiler, "what an opened object's TLS keeps is no leak", program=_KEEPING, plugin=_KEEPER,
                 shows=(), known="kept by a thread: 1\nkept: 1\n")
      for sanitizer in ("address", "leak") for compiler in ("gcc", "clang")),
    *(_sanitized(sanitizer, compiler) for sanitizer in ("undefined", "thread") for compiler in ("gcc", "clang")),
    *(_sanitized("thread", compiler, "a thread's TLS of an opened object is not another's", program=_FOLLOWING,
                 shows=("TLS of the object: 51",)) for compiler in ("gcc", "clang")),
]
