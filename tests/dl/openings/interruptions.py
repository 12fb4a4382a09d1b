"""Forks and signals in the middle of opens and closes."""

from sources import sources_of

from workshop.recipe import Library, variants

from .common import opening
from .concurrency import COUNTER, GUESTS, together, together_with_cplusplus

_CASES = sources_of(__file__)

_FORKS_AND_STORAGE = together_with_cplusplus(
    "a child forked while objects come and go uses TLS and exceptions",
    _CASES / "forks_and_storage.cc", COUNTER, *GUESTS, newer_libcs=True)

# glibc's own loader leaves its lock as it was in the thread that is not there any more; the child hangs.
_FORKS_AND_OPENS = together(
    "a child forked while objects come and go opens, looks up and walks",
    _CASES / "forks_and_opens.c", COUNTER, *GUESTS, libcs=("glibc",), shows=(), known="wrong: 0\n")

_FORK_ALONE = together(
    "a child forked from the only thread opens and closes as its parent did", _CASES / "fork_alone.c",
    *GUESTS, libcs=("glibc",), shows=("in the child: 201", "child's status: 0", "in the parent: 101"))

# As a sanitizer's run-time does, which begins its own thread again.
_HANDLERS = together(
    "fork handlers that were registered first make threads and open objects",
    _CASES / "handlers.c", *GUESTS, shows=("handler: before", "handler: parent", "child's status: 0"))

_SIGNALS = together(
    "a signal handler uses TLS that its thread has, while that thread opens and closes",
    _CASES / "signals.c", COUNTER, *GUESTS)

_FIND_IN_HANDLER = together(
    "_dl_find_object answers in a signal handler while its thread opens and closes",
    _CASES / "find_in_handler.c", COUNTER, *GUESTS, libcs=("glibc",), newer_libcs=True)

_FORK_IN_CONSTRUCTOR = opening(
    "a constructor waits for a thread that forks", """
int main(void) {
  say(opened("libforker.so", RTLD_NOW) ? "opened" : "not opened");
  return 0;
}
""", Library("forker", _CASES / "libforker.c", link=("-pthread",)), shows=("forked", "opened"))

_SLOW_CONSTRUCTOR = opening(
    "a fork does not wait for a constructor of another thread", _CASES / "slow_constructor.c", *GUESTS,
    Library("slow", """
#include <unistd.h>
__attribute__((constructor)) static void begin(void) { sleep(2); }
"""), libcs=("glibc",), machines=("x86_64",), shows=("fork does not wait for the constructor: yes", "child's status: 0"))

_HANDLER_FORKS = opening(
    "a signal handler forks in the middle of forks, opens and closes", _CASES / "handler_forks.c", *GUESTS,
    libcs=("glibc",), machines=("x86_64",), shows=("failed: 0",))

# glibc's own loader hangs in its children.
_FORKS_EVERYWHERE = opening(
    "children of forks open objects while handlers walk and others open", _CASES / "forks_everywhere.c", *GUESTS,
    libcs=("glibc",), machines=("x86_64",), known="wrong: 0\n")

# musl's fork and its dlopen wait for each other.
_IN_STDIO = opening(
    "a thread in libc's stream functions opens an object while another one forks",
    _CASES / "opens_in_stdio.c", *GUESTS, libcs=("glibc",), newer_libcs=True, shows=("child's status: 0", "opened: yes"))

# glibc's own loader hangs in its children, musl's in handlers that walk while their thread opens.
_ALL_AT_ONCE_CHOICES = {"machines": ("x86_64",), "launchers": ("interp",), "shows": (),
                        "known": "handled: yes\nwrong: 0\n"}
_ALL_AT_ONCE = together_with_cplusplus(
    "forks, opens, signals, exceptions and backtraces all at once", _CASES / "forks_opens_signals.c", *GUESTS,
    newer_libcs=True, **_ALL_AT_ONCE_CHOICES)
_ALL_AT_ONCE_IN_C = together(
    "forks, opens and signals all at once", _CASES / "forks_opens_signals.c", *GUESTS,
    libcs=("musl",), newer_libcs=True, **_ALL_AT_ONCE_CHOICES)

# glibc's own loader leaves its locks as the thread held them that is not there any more.
_FORKS_AND_NAMESPACES = together(
    "children of forks open and walk while others make namespaces and libc opens modules",
    _CASES / "forks_and_namespaces.c", *GUESTS, libcs=("glibc",), newer_libcs=True,
    **_ALL_AT_ONCE_CHOICES | {"known": "namespaces were made: yes\nlibc has opened modules: yes\nwrong: 0\n"})

_ROUNDS = "50000"  # two programs: a hundred thousand forks
_MANY_HANDLER_FORKS = variants(
    _HANDLER_FORKS, name="very many forks in signal handlers", arguments=(_ROUNDS,), launchers=("interp",), slow=True)
_MANY_FORKS_EVERYWHERE = variants(
    _FORKS_EVERYWHERE, name="very many forks among opens and handlers", arguments=(_ROUNDS,), launchers=("interp",),
    slow=True)

_ALL_AT_ONCE_VERY_OFTEN = [
    variants(recipe, name=f"{recipe.name}, very often", arguments=("10000",), newer_libcs=False, slow=True)
    for recipe in (_ALL_AT_ONCE, _ALL_AT_ONCE_IN_C)]

RECIPES = [
    _FORKS_AND_STORAGE, _FORKS_AND_OPENS, _FORK_ALONE, _HANDLERS, _SIGNALS, _FIND_IN_HANDLER, _FORK_IN_CONSTRUCTOR,
    _SLOW_CONSTRUCTOR, _HANDLER_FORKS, _FORKS_EVERYWHERE, _MANY_HANDLER_FORKS, _MANY_FORKS_EVERYWHERE,
    _IN_STDIO, _FORKS_AND_NAMESPACES, _ALL_AT_ONCE, _ALL_AT_ONCE_IN_C, *_ALL_AT_ONCE_VERY_OFTEN,
]
