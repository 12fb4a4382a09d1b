"""kill -9 before every system call of adopt and release that changes something.

Afterwards the root has a working loader, `status` says the truth, running the command again completes it, and the
other command takes everything back, byte for byte.
"""

import collections
import json
import os
import re
import subprocess

import pytest

from made_root import (NET_RAW, SEALCTL, STATE, compile_program, differences, fingerprint, in_root, interpreter,
                       make_root, sealctl)
from process import run

# The system calls by which sealctl changes files. openat2 only reads here.
WRITING = ("openat", "write", "pwrite64", "sendfile", "rename", "renameat", "renameat2", "link", "linkat", "symlink",
           "symlinkat", "unlink", "unlinkat", "mkdir", "mkdirat", "fchmod", "chmod", "fchmodat", "fchown", "fsetxattr",
           "fremovexattr", "utimensat", "ftruncate", "fsync", "fdatasync", "syncfs")
SYSTEM, PROGRAMS = ("--system",), ("/usr/bin/plain", "/usr/bin/pinger", "/usr/bin/daemon", "/usr/bin/reader")


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A root with a program in place, one with a capability, and one that must be exchanged with its two names."""
    root = make_root(tmp_path_factory.mktemp("killed") / "root", programs=("true",))
    for name in ("plain", "pinger", "daemon"):
        compile_program(root / "usr/bin" / name, text=name)
    (root / "usr/bin/pinger").chmod(0o755)
    os.setxattr(root / "usr/bin/pinger", "security.capability", NET_RAW)
    os.chown(root / "usr/bin/daemon", 1, 1)
    (root / "usr/bin/daemon").chmod(0o6755)
    os.link(root / "usr/bin/daemon", root / "usr/bin/daemon2")
    compile_program(root / "usr/bin/reader", text="reader")
    return root


def copy_of(root, to):
    subprocess.run(["rm", "-rf", to], check=True)
    subprocess.run(["cp", "-a", root, to], check=True)
    return to


def steps_of(command, words, root, log):
    """(system call, its number among those of its name) of each one that the command makes, in order."""
    traced = run(["strace", "-qq", "-o", log, "-e", f"trace={','.join(WRITING)}", "-e", "signal=none", SEALCTL, command,
                  "--root", root, *words])
    assert traced.status == 0, traced
    counts = collections.Counter()
    steps = []
    for line in log.read_text().splitlines():
        name = re.match(r"(\w+)\(", line)[1]
        counts[name] += 1
        if name.startswith("syscall_"):  # mseal, which strace does not know; it always prints what it does not know
            continue
        if name != "openat" or "O_CREAT" in line or "O_WRONLY" in line:  # others only read
            steps.append((name, counts[name]))
    return steps


def kill_at(step, command, words, root, log):
    name, number = step
    inject = f"inject={name}:signal=KILL:when={number}"
    killed = run(["strace", "-qq", "-o", log, "-e", inject, SEALCTL, command, "--root", root, *words])
    assert killed.status == -9, f"{step}: {killed}"


def check_programs_start(root, words):
    names = ("true",) if words == SYSTEM else ("true", "plain", "pinger", "daemon", "daemon2", "reader")
    for name in names:
        result = in_root(root, f"/usr/bin/{name}")
        assert result.status == 0, result


def state_by_looking(root):
    """(is the system adopted, which programs are), seen without sealctl."""
    system = os.readlink(root / "usr/lib64/ld-linux-x86-64.so.2") == "ld-seal-x86_64.so.1"
    adopted = {path for path in PROGRAMS if "ld-seal" in interpreter(root / path[1:])}
    return system, adopted


def check_status_is_true(root, steady):
    """Where status finds nothing, the root is exactly one of the steady ones."""
    result = sealctl("status", "--json", root=root)
    status = json.loads(result.out)
    assert result.status == (0 if status["fine"] else 1)
    assert not status["locked"]
    system, adopted = state_by_looking(root)
    half_done = [each for each in status["system"] if each["state"] == "half done"] or status["programs"]["half_done"]
    if not status["fine"]:
        assert half_done, status
        return
    assert (status["system"][0]["state"] == "adopted") == system
    assert status["programs"]["adopted"] == status["programs"]["recorded"] == len(adopted)
    assert any(differences(each, fingerprint(root)) == {} for each in steady), "fine, but neither the one nor the other"


@pytest.fixture
def trial(original, tmp_path):
    """(command, words) -> the roots before and after, their fingerprints, and the steps between."""
    def make(command, words):
        before = copy_of(original, tmp_path / "before")
        if command == "release":
            assert sealctl("adopt", *words, root=before).status == 0
        after = copy_of(before, tmp_path / "after")
        steps = steps_of(command, words, after, tmp_path / "log")
        return before, (fingerprint(before), fingerprint(after)), steps
    return make


OTHER = {"adopt": "release", "release": "adopt"}


@pytest.mark.slow
@pytest.mark.parametrize("words", [SYSTEM, PROGRAMS], ids=["system", "programs"])
@pytest.mark.parametrize("command", ["adopt", "release"])
@pytest.mark.parametrize("then", ["the same again", pytest.param("the other", marks=pytest.mark.debian)])
def test_killed_at_every_writing_system_call(trial, original, tmp_path, command, words, then):
    before, steady, steps = trial(command, words)
    assert len(steps) >= 10
    original_print = fingerprint(original)
    for step in steps:
        root = copy_of(before, tmp_path / "root")
        kill_at(step, command, words, root, tmp_path / "log")
        check_programs_start(root, words)
        check_status_is_true(root, steady)
        following = command if then == "the same again" else OTHER[command]
        done = sealctl(following, *words, root=root)
        assert done.status == 0 or is_never_recorded(done, following), f"{step}: {done}"
        assert sealctl("status", root=root).status == 0, step
        wanted = steady[1] if following == command else steady[0]
        assert differences(wanted, fingerprint(root)) == {}, step
        assert sealctl("release", "--all", root=root).status == 0
        assert differences(original_print, fingerprint(root)) == {}, step
        assert set(os.listdir(root / STATE)) == {"lock"}, "nothing is left"


def is_never_recorded(done, following):
    """Killed before anything was recorded, so that there is nothing to release."""
    lines = done.err.splitlines()
    return following == "release" and lines and all(line.endswith("it is not in the record") for line in lines)


def test_an_interrupted_adoption_is_completed_by_adopt_alone(trial, tmp_path):
    before, steady, steps = trial("adopt", PROGRAMS)
    step = next(step for step in steps if step[0] == "fsetxattr")
    root = copy_of(before, tmp_path / "root")
    kill_at(step, "adopt", PROGRAMS, root, tmp_path / "log")
    assert os.listxattr(root / "usr/bin/pinger") == [], "the kernel took the capability"
    status = sealctl("status", root=root)
    assert status.status == 1 and "/usr/bin/pinger: half done" in status.out
    assert sealctl("adopt", root=root).status == 0
    assert differences(steady[1], fingerprint(root)) == {}


def test_privileges_are_not_given_to_a_file_that_came_since(trial, tmp_path):
    """Between the crash and its repair another user has put a program of his own into the place."""
    before, _, steps = trial("adopt", PROGRAMS)
    step = next(step for step in steps if step[0] == "fsetxattr")
    root = copy_of(before, tmp_path / "root")
    kill_at(step, "adopt", PROGRAMS, root, tmp_path / "log")
    other = compile_program(root / "usr/bin/other", "-Wl,--dynamic-linker=/lib64/ld-linux-x86-64.so.2", text="mine")
    os.chown(other, 1234, 1234)
    os.rename(other, root / "usr/bin/pinger")
    assert sealctl("adopt", root=root).status == 0
    assert os.listxattr(root / "usr/bin/pinger") == []
