"""Running a program in a test: always with a time limit, always with its whole process group ended after it.

    from process import run

    result = run([program, "--version"], timeout=10, env=environment(LD_BIND_NOW="1"))
    assert result.status == 0, result

`result.status` is the exit status, or minus the number of the signal that ended the program. `result.out` and
`result.err` are text; bytes that are no UTF-8 are kept as surrogates, so equal bytes stay equal text.
"""

import contextlib
import dataclasses
import os
import shlex
import signal
import subprocess

# These variables of the person who runs the tests must not reach the programs under test.
_HIDDEN = ("LDSEAL", "LDSEAL_DEBUG", "LDSEAL_GUARD", "LD_LIBRARY_PATH", "LD_PRELOAD", "LD_BIND_NOW", "LD_DEBUG",
           "LD_DEBUG_OUTPUT", "LD_TRACE_LOADED_OBJECTS", "LD_AUDIT", "LD_SHOW_AUXV", "LD_VERBOSE", "LD_WARN",
           "GLIBC_TUNABLES")


class TimedOut(AssertionError):
    """The program did not end in time; the text holds the command and what it wrote until then."""


@dataclasses.dataclass(frozen=True)
class Result:
    command: tuple
    status: int
    out: str
    err: str

    def __str__(self):
        """What a failed assertion shows: everything needed to run it again by hand."""
        ended = f"signal {signal.Signals(-self.status).name}" if self.status < 0 else f"status {self.status}"
        return (f"{shlex.join(self.command)}\n  {ended}\n"
                f"--- standard output\n{self.out}\n--- standard error\n{self.err}")


def environment(**changes):
    """This process's environment without the loader's variables, then `changes` (None takes a variable out)."""
    base = {name: value for name, value in os.environ.items() if name not in _HIDDEN}
    base["LC_ALL"] = "C.UTF-8"
    for name, value in changes.items():
        if value is None:
            base.pop(name, None)
        else:
            base[name] = str(value)
    return base


def run(command, *, timeout=30, env=None, cwd=None, stdin=""):
    """Runs `command` to its end and returns the Result; ends its process group in any case."""
    command = tuple(map(os.fspath, command))
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment() if env is None else env, cwd=cwd, start_new_session=True)
    try:
        out, err = process.communicate(_bytes(stdin), timeout=timeout)
    except subprocess.TimeoutExpired:
        _end_group(process.pid)
        out, err = process.communicate()
        partial = Result(command, process.returncode, _text(out), _text(err))
        raise TimedOut(f"not done after {timeout} s: {partial}") from None
    finally:
        _end_group(process.pid)
    return Result(command, process.returncode, _text(out), _text(err))


def _end_group(group):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def _text(data):
    return data.decode("utf-8", "surrogateescape")
