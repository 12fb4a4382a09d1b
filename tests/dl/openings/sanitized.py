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


_KEEPING = """
static pthread_barrier_t kept;
static void forget(void) { volatile char stack[4096]; for (int i = 0; i < 4096; ++i) stack[i] = 0; }
static void *work(void *handle) {
  say_number("kept by a thread", answer(handle, "keep"));
  forget();
  pthread_barrier_wait(&kept);
  for (;;) pause();
}
int main() {
  void *handle = opened("libplugin.so", RTLD_NOW);
  pthread_barrier_init(&kept, nullptr, 2);
  started(work, handle);
  pthread_barrier_wait(&kept);
  say_number("kept", answer(handle, "keep"));
  forget();
  return 0;
}
"""
_KEEPER = """
#include <cstdlib>
thread_local void *memory;
extern "C" int keep() { memory = std::malloc(4321); return memory != nullptr; }
"""
_FOLLOWING = """
static void *work(void *handle) { return (void *)(long)answer(handle, "next"); }
int main() {
  void *handle = opened("libplugin.so", RTLD_NOW);
  pthread_t threads[8];
  for (pthread_t &each : threads) { each = started(work, handle); usleep(1000); }
  for (pthread_t each : threads) joined(each);
  say_number("TLS of the object", answer(handle, "next"));
  return 0;
}
"""


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
