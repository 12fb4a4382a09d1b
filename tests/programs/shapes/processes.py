"""Threads, signals, and processes that start others."""

from sources import sources_of
from workshop.recipe import Recipe

_CASES = sources_of(__file__)

_WITH_LIBC = ("musl", "glibc")


def _process(name, program, **choices):
    """One program that uses libc; no library of its own."""
    return Recipe(name, program, **{"libcs": _WITH_LIBC, **choices})


_THREADS = _process("threads take turns with a mutex and a condition", _CASES / "threads.c", link=("-pthread",))

_PTHREAD_EXIT = _process(
    "pthread_exit runs cleanup handlers and ends only its thread",
    _CASES / "pthread_exit.c", link=("-pthread",), shows=("cleanup of the thread", "result 7"))

_CANCEL = _process(
    "a thread that waits can be cancelled", _CASES / "cancel.c", link=("-pthread",), shows=("result: cancelled",))

_THREAD_ATTRIBUTES = _process(
    "a thread's stack has the size that was asked for",
    _CASES / "thread_attributes.c", link=("-pthread",), page_sizes=(), shows=("inside: yes", "guard: 65536"))

_SIGNALS = _process(
    "a signal is handled on another stack and its mask is kept",
    _CASES / "signals.c", shows=("handled: yes", "blocked at the start: 0"))

_FORK = _process(
    "a forked child runs its handlers and its own exit",
    _CASES / "fork.c", link=("-pthread",), shows=("in the child, exit flushes", "status 9"))

_SHELL = _process(
    "system and popen run a shell", _CASES / "shell.c", machines=("x86_64",), shows=("from the shell", "status 3"))

_EXEC = _process(
    "a program can start itself again by execve",
    _CASES / "exec.c", machines=("x86_64",), arguments=("{program}",), status=5, shows=("with 3 arguments",))

RECIPES = [
    _THREADS, _PTHREAD_EXIT, _CANCEL, _THREAD_ATTRIBUTES, _SIGNALS, _FORK, _SHELL, _EXEC,
]
