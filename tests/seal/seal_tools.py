"""Builds what the seal tests run, and reads what it tells: the attack program's report, smaps, the loader's plan."""

import dataclasses
import re
from pathlib import Path

from process import Result, run

SOURCES = Path(__file__).resolve().parent
GIVEN_UP = 2  # the attack program's own exit status, if it could not do its work
NOT_HELD = "not held: mseal succeeds and seals nothing"  # the reason where a filter answers in the kernel's place
MSEAL, OPENAT, CLONE, ACCT, PRCTL, MREMAP = 462, 257, 56, 163, 157, 25  # system calls on x86_64
MADVISE, GUARD_INSTALL = 28, 102  # and one with an advice


def compile_program(output, sources, *flags, compiler="gcc"):
    result = run([compiler, "-O1", "-Wall", "-Wextra", "-Werror", "-o", output, *sources, *flags], timeout=120)
    assert result.status == 0, result
    return output


def build_attack(folder):
    sources = sorted((SOURCES / "attack").glob("*.cc"))
    return compile_program(folder / "attack", sources, "-std=c++20", compiler="g++")


@dataclasses.dataclass(frozen=True)
class Attempt:
    """One attack on one area, and what came of it."""

    start: int
    end: int
    permissions: str
    kind: str
    object: str
    attack: str
    reach: str
    answer: str
    aftermath: str

    @property
    def name(self):
        return f"{self.attack}, {self.reach}"

    @property
    def outcome(self):
        return f"{self.answer} {self.aftermath}"

    def __str__(self):
        return f"{self.start:x}-{self.end:x} {self.permissions} {self.kind} {self.object}: {self.name}: {self.outcome}"


@dataclasses.dataclass(frozen=True)
class Area:
    """A mapping as smaps tells it."""

    start: int
    end: int
    permissions: str
    inode: int
    name: str
    flags: frozenset
    kilobytes: dict

    @property
    def is_sealed(self):
        return "sl" in self.flags

    def __str__(self):
        flags = " ".join(sorted(self.flags))
        return f"{self.start:x}-{self.end:x} {self.permissions} {self.name or 'anonymous'} {flags}"


@dataclasses.dataclass(frozen=True)
class Planned:
    """One line of the loader's plan."""

    start: int
    end: int
    permissions: str
    seal_class: str
    verdict: str
    object: str
    reason: str

    @property
    def is_sealed(self):
        return self.verdict == "sealed"

    def __str__(self):
        return (f"{self.start:x}-{self.end:x} {self.permissions} {self.seal_class} {self.verdict} {self.object}"
                f"{f' ({self.reason})' if self.reason else ''}")


@dataclasses.dataclass(frozen=True)
class Trace:
    plan: list
    summary: str


@dataclasses.dataclass(frozen=True)
class Inspection:
    """A program as it was when it wanted to exit, and its own outcome."""

    result: Result
    areas: list
    trace: Trace
    attempts: list


def inspect(attack, command, folder, *, attacks=False, unsealed=False, timeout=120, **variables):
    """Runs `command` to its exit and looks at it there; `attacks` also makes every attack on it.

    `attack` is the attack program, or a whole command line that ends with it.
    """
    attack = attack if isinstance(attack, list) else [attack]
    smaps, report, trace = folder / "smaps", folder / "report", folder / "trace"
    options = ["--smaps", smaps, *(["--report", report] if attacks else []), *(["--unsealed"] if unsealed else [])]
    variables = {"LD_DEBUG": "seal", "LD_DEBUG_OUTPUT": trace} | variables
    options += [word for name, value in variables.items() for word in ("--set", f"{name}={value}")]
    result = run([*attack, *options, "--", *command], timeout=timeout)
    assert result.status != GIVEN_UP, result
    traces = sorted(folder.glob("trace.*"))
    found = Inspection(result, parse_smaps(smaps.read_text()), parse_trace("".join(map(Path.read_text, traces))),
                       parse_report(report.read_text()) if attacks else [])
    for path in (smaps, report, *traces):
        path.unlink(missing_ok=True)
    return found


def parse_report(text):
    return [Attempt(*_range(where), *rest) for where, *rest in (line.split("\t") for line in text.splitlines())]


def _range(text):
    start, end = text.split("-")
    return int(start, 16), int(end, 16)


def parse_smaps(text):
    areas = []
    for line in text.splitlines():
        if header := re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ (\d+) *(.*)", line):
            start, end, permissions, inode, name = header.groups()
            areas.append(Area(int(start, 16), int(end, 16), permissions, int(inode), name, frozenset(), {}))
        elif flags := re.match(r"VmFlags: (.*)", line):
            areas[-1] = dataclasses.replace(areas[-1], flags=frozenset(flags[1].split()))
        elif amount := re.match(r"(\w+): +(\d+) kB", line):
            areas[-1].kilobytes[amount[1]] = int(amount[2])
    return areas


def parse_trace(text):
    plan, summary = [], ""
    for line in text.splitlines():
        said = re.match(r"\s*\d+:\tseal: (.*)", line)
        if said is None:
            continue
        entry = re.fullmatch(r"([0-9a-f]+)-([0-9a-f]+) ([r-][w-][x-]) (\w+) (sealed|left) (.*?)(?: \((.*)\))?", said[1])
        if entry:
            start, end, permissions, seal_class, verdict, name, reason = entry.groups()
            plan.append(Planned(int(start, 16), int(end, 16), permissions, seal_class, verdict, name, reason or ""))
        else:
            summary = said[1]
    return Trace(plan, summary)
