"""Forks and signals in the middle of opens and closes."""

from sources import sources_of

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

RECIPES = [_FORKS_AND_STORAGE, _FORKS_AND_OPENS, _FORK_ALONE, _HANDLERS, _SIGNALS, _FIND_IN_HANDLER]
