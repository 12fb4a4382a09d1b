"""Starts programs that wait, and asks `sealctl ps` about them."""

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from loaders import PROJECT
from process import environment, run
from sources import sources_of

SEALCTL = PROJECT / "build/tools/sealctl"
LDSEAL_CC = PROJECT / "build/crt/ldseal-cc"
MSEAL = 462
NOBODY = 65534
FINE, FINDING, USAGE, NOT_PERMITTED = 0, 1, 2, 3
SOURCES = sources_of(Path(__file__).with_name("test_ps.py"))
REFUSE = Path(__file__).resolve().parents[1] / "seal" / "refuse.c"


def compile_program(output, source, *flags, compiler="gcc"):
    result = run([compiler, "-O1", "-Wall", "-Wextra", "-o", output, source, *flags], timeout=120)
    assert result.status == 0, result
    return output


@contextlib.contextmanager
def waiting(command, *, env=None, user=None, before=(), ready=True):
    """Starts `command` and gives its PID once it has said that it is ready; ends it and its children after."""
    who = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    process = subprocess.Popen([*map(os.fspath, before), *map(os.fspath, command)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, env=env or environment(), start_new_session=True, **who)
    try:
        if ready:
            line = process.stdout.readline()
            assert line == b"ready\n", f"{command}: {line}, status {process.poll()}"
        yield process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def sleeping_threads(pid):
    """The numbers of the threads, once all wait in the kernel: of others it does not show the stack."""
    while True:
        stats = {int(each.name): (each / "stat").read_text() for each in Path(f"/proc/{pid}/task").iterdir()}
        if all(text.rpartition(")")[2].split()[0] == "S" for text in stats.values()):
            return set(stats)
        time.sleep(0.01)


def ps(*arguments, before=(), timeout=30, env=None):
    """The exit status and the JSON object of `sealctl ps --json`."""
    result = run([*before, SEALCTL, "ps", "--json", *map(str, arguments)], timeout=timeout, env=env)
    assert result.status in (FINE, FINDING, NOT_PERMITTED), result
    return result.status, json.loads(result.out)


def seen(pid, **options):
    """What `ps` says of one process, and its status."""
    status, document = ps(pid, **options)
    (process,) = document["processes"]
    assert process["pid"] == pid
    return status, process


def reasons(process):
    return {reason["why"]: reason["text"] for reason in process["reasons"]}
