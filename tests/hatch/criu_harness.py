"""CRIU of Debian sid, unpacked and started by any loader, and the trip through it that criu_trip.c makes.

    criu = start_criu(root)                                  by its own glibc's loader
    criu = start_criu(root, loader=ours, folder=tmp_path)    by ours, as a command or as its PT_INTERP
    trip = take_trip(trip_program, folder, [victim], criu)
    assert trip.is_whole, str(trip)
"""

import dataclasses
import re
from pathlib import Path

from hatch_harness import SOURCES
from loaders import with_interpreter
from process import run

MOMENTS = ("before", "restored", "resealed")
WIDE = ("-Wl,-z,max-page-size=65536", "-Wl,-z,separate-code")
# What CRIU has learnt of the kernel it keeps in /run, where that is a tmpfs, and then does not try again.
WITH_A_RUN_OF_ITS_OWN = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "sh")
COMPILERS = {"glibc": "gcc", "musl": "musl-gcc"}
# For a kernel whose hardware breakpoints do not trap, as under some hypervisors: an older CRIU waits for ever there.
WITHOUT_BREAKPOINTS = ("/usr/bin/env", "CRIU_FAULT=130")
BY_COMMAND, BY_INTERPRETER = "command", "interpreter"
STARTS = (BY_COMMAND, BY_INTERPRETER)


@dataclasses.dataclass(frozen=True)
class Criu:
    """The words that start CRIU; `before` puts others in front, a supervisor's or env's."""

    words: tuple

    def before(self, *words):
        return Criu((*words, *self.words))

    def check(self):
        return run([*WITH_A_RUN_OF_ITS_OWN, *self.words, "check"])


def start_criu(root, start=BY_COMMAND, loader=None, folder=None):
    """CRIU with the libraries of its own suite. What it needs is found by path, so nothing is set for its children."""
    program = root.path / "usr/sbin/criu"
    if start == BY_COMMAND:
        return Criu((loader or root.loader, "--library-path", root.library_path, program))
    copy = with_interpreter(program, loader, folder)
    result = run(["patchelf", "--force-rpath", "--set-rpath", root.library_path, copy])
    assert result.status == 0, result
    return Criu((copy,))


@dataclasses.dataclass(frozen=True)
class Trip:
    """What criu_trip.c told."""

    result: object
    dump: int = None
    restore: int = None
    end: int = None
    seccomp: int = None
    said: tuple = ()
    log: tuple = ()
    sealed: dict = dataclasses.field(default_factory=dict)
    guarded: dict = dataclasses.field(default_factory=dict)

    @property
    def is_whole(self):
        """It was dumped, restored, went on with the state it had, and ended as it should."""
        steps = [(line.split()[:1] or [""])[0] for line in self.said]
        counts = [int(line.split()[1]) for line in self.said if line.startswith("count ")]
        heaps = {line.split()[3] for line in self.said if line.startswith("count ")}
        clocks = {line.split()[5] for line in self.said if line.startswith("count ")}
        return (self.result.status == 0 and (self.dump, self.restore, self.end) == (0, 0, 7)
                and steps == ["ready", "count", "count", "reseal", "count", "end"]
                and counts == [101, 102, 103] and len(heaps) == 1 and clocks == {"1"})

    @property
    def reseal(self):
        """What ldseal_reseal() answered, or "missing"."""
        return next(line.split()[1] for line in self.said if line.startswith("reseal "))

    def logged(self, pattern):
        return any(re.search(pattern, line) for line in self.log)

    def __str__(self):
        return str(self.result)


def take_trip(program, folder, victim, criu):
    """Sends `victim`, its command line, through CRIU."""
    command = [*WITH_A_RUN_OF_ITS_OWN, program, Path(folder) / "images", *victim, "--", *criu.words]
    return read_trip(run(command, timeout=60))


def read_trip(result):
    """The Trip of a run of criu_trip.c: a process.Result, or what else has its `status` and its output `out`."""
    told = {"said": [], "log": [], **{what: {when: [] for when in MOMENTS} for what in ("sealed", "guarded")}}
    for line in result.out.splitlines():
        word, rest = line.split(" ", 1)
        if word in ("sealed", "guarded"):
            when, mapping = rest.split(" ", 1)
            told[word][when].append(mapping.strip())
        elif word in ("said", "log"):
            told[word].append(rest)
        else:
            told[word] = int(rest)
    return Trip(result, **told)


def build_victim(libc, folder):
    """The victim and its library, which it finds by its path."""
    compiler = [COMPILERS[libc], "-O1"]
    library, victim = Path(folder) / f"lib{libc}.so", Path(folder) / f"victim-{libc}"
    _compile([*compiler, "-fPIC", "-shared", *WIDE, SOURCES / "criu_library.c", "-o", library])
    _compile([*compiler, "-pthread", SOURCES / "criu_victim.c", library, "-o", victim])
    return victim


def _compile(command):
    result = run(command, timeout=60)
    assert result.status == 0, result
