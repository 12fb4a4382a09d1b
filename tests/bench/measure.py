"""Measures a candidate against a reference: rounds in which both run, medians, their ratio and how sure it is."""

import dataclasses
import os
import random
import statistics
import subprocess
import time

from workloads import FOLDER, PROJECT

BATCH_SECONDS = 2.0
FEWEST_ROUNDS = 11
RESAMPLES = 1000
CONFIDENCE = 0.95
SOURCE = PROJECT / "tests/bench/interleave.cc"
TOOL = FOLDER / "interleave"


@dataclasses.dataclass(frozen=True, repr=False)
class Side:
    """What the runs of one command took: one entry for each round."""
    wall: list
    processor: list
    faults: list

    def __add__(self, other):
        return Side(self.wall + other.wall, self.processor + other.processor, self.faults + other.faults)


@dataclasses.dataclass(frozen=True, repr=False)
class Comparison:
    reference: Side
    candidate: Side

    @property
    def rounds(self):
        return len(self.reference.wall)

    @property
    def ratio(self):
        return _ratio(self.reference.wall, self.candidate.wall)

    @property
    def processor_ratio(self):
        return _ratio(self.reference.processor, self.candidate.processor)

    def interval(self):
        """Where the ratio of medians lies with 95 % confidence: rounds drawn again and again with replacement."""
        draw = random.Random(0)
        both = list(zip(self.reference.wall, self.candidate.wall))
        ratios = sorted(_ratio(*zip(*draw.choices(both, k=len(both)))) for _ in range(RESAMPLES))
        outside = int(RESAMPLES * (1 - CONFIDENCE) / 2)
        return ratios[outside], ratios[-outside - 1]


def _ratio(reference, candidate):
    return statistics.median(candidate) / statistics.median(reference)


def compare(reference, candidate, limit=None, seconds=2.0, most_seconds=20.0):
    """Runs both in turn for about `seconds`. With a limit goes on, up to `most_seconds`, while the machine's noise
    leaves open on which side of it the ratio lies: more samples of everything, never a choice among results."""
    build(TOOL, SOURCE)
    start = time.monotonic()
    pilot = _sample(reference, candidate, rounds=3)
    of_a_round = sum(statistics.median(side.wall) for side in (pilot.reference, pilot.candidate)) / 1e9
    rounds = max(FEWEST_ROUNDS, int(min(seconds, BATCH_SECONDS) / of_a_round))
    total = _sample(reference, candidate, rounds)
    while time.monotonic() - start < most_seconds:
        enough = time.monotonic() - start >= seconds
        if enough and (limit is None or not _is_open(total, limit)):
            break
        more = _sample(reference, candidate, rounds)
        total = Comparison(total.reference + more.reference, total.candidate + more.candidate)
    return total


def _is_open(comparison, limit):
    low, high = comparison.interval()
    return low <= limit <= high


def _sample(reference, candidate, rounds):
    command = [str(TOOL), str(rounds), "--", *reference, "--", *candidate]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=600)
    if done.returncode != 0:
        raise RuntimeError(f"{done.stderr.strip()} ({' '.join(command[2:])})")
    sides = [Side([], [], []) for _ in (reference, candidate)]
    for line in done.stdout.splitlines():
        index, wall, user, system, faults = map(int, line.split())
        sides[index].wall.append(wall)
        sides[index].processor.append(user + system)
        sides[index].faults.append(faults)
    return Comparison(*sides)


def environment():
    """The caller's, without whatever changes how a loader works."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LD_", "LDSEAL"))}
    return kept | {"LC_ALL": "C"}


def build(tool, source):
    """Compiles a tool of one source, unless it is there and newer."""
    if tool.exists() and tool.stat().st_mtime >= source.stat().st_mtime:
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    partial = tool.with_name(f"{tool.name}.{os.getpid()}")
    subprocess.run(["clang++", "-std=c++20", "-O2", str(source), "-o", str(partial)], check=True, timeout=120)
    partial.rename(tool)
