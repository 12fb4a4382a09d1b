"""Programs under sanitizers, whose run-times stand before dlopen, dlsym, pthread_create and __tls_get_addr."""

from workshop.recipe import Library

from .common import with_cplusplus

_PROGRAM = """
#include <stdexcept>
static thread_local int own = 5;
static void *work(void *handle) {
  say_number("a thread's TLS of the object", answer(handle, "next"));
  say_number("a thread's own", ++own);
  try { answer(handle, "throws"); } catch (const std::exception &exception) { say_text("caught", exception.what()); }
  return nullptr;
}
int main() {
  for (int round = 0; round < 3; ++round) {
    void *handle = opened("libplugin.so", RTLD_NOW);
    say_number("TLS of the object", answer(handle, "next"));
    joined(started(work, handle));
    try { answer(handle, "throws"); } catch (const std::exception &exception) { say_text("caught", exception.what()); }
    closed(handle);
  }
  return 0;
}
"""
_PLUGIN = """
#include <stdexcept>
#include <string>
#include <vector>
static thread_local int count[1000] = {50};
extern "C" int next() { return ++count[0]; }
extern "C" int throws() {
  std::vector<std::string> texts(100, "a text too long to be kept inside the object itself");
  if (count[0] > 50) throw std::runtime_error(texts[50].substr(0, 6));
  return 0;
}
"""


def _sanitized(sanitizer, compiler, name="opened objects, threads, TLS and exceptions", options="", **choices):
    """The path of all is set: the sanitizer's dlopen stands between, so it is the caller whose RUNPATH counts."""
    flags = (f"-fsanitize={sanitizer}", "-g")
    environment = (("LD_LIBRARY_PATH", "{lib}"), ("ASAN_OPTIONS", options), ("LSAN_OPTIONS", "print_suppressions=0"))
    return with_cplusplus(f"{sanitizer} sanitizer of {compiler}: {name}", _PROGRAM,
                          Library("plugin", _PLUGIN, language="c++", compile=flags), machines=("x86_64",),
                          compilers=(compiler,), compile=flags, link=(*flags, "-pthread"), environment=environment,
                          shows=("TLS of the object: 51", "a thread's own: 6", "caught: a text"), **choices)


# As a command glibc's own loader has allocations of its own start reported as leaks.
RECIPES = [
    *(_sanitized("address", compiler, options="detect_leaks=0") for compiler in ("gcc", "clang")),
    *(_sanitized("address", compiler, "no leak is reported", launchers=("interp",)) for compiler in ("gcc", "clang")),
    *(_sanitized(sanitizer, compiler) for sanitizer in ("undefined", "thread") for compiler in ("gcc", "clang")),
]
