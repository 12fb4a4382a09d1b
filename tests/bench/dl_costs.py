#!/usr/bin/python3
"""What dlsym, thread-local storage and their like cost under our loader, against glibc's: tests/bench/dl_costs.py
prints a table. Both run alternately; the judged number is the ratio of the fastest rounds: where a process's pages lie
and what else the machine does can double a call of either loader."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "lib"), str(Path(__file__).resolve().parent)]
import workloads
from process import environment, run

SOURCES = Path(__file__).resolve().parent
FOLDER = workloads.FOLDER / "dl-costs"
# The part of glibc's cost that is promised; others are only reported.
LIMITS = {"tls-opened": 1.0, "tls-descriptor": 1.0, "tls-started": 1.0, "dlsym-handle": 1.0, "dlsym-default": 1.0,
          "dlsym-next": 1.0, "dlsym-in-vain": 1.0}


def build():
    """The program, linked for the system's loader."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, options in (("started", ["-DNEXT=next_started"]), ("opened", []), ("other", []),
                          ("described", ["-mtls-dialect=gnu2"])):
        _compile("costs_library.c", f"libcosts-{name}.so", "-shared", "-fPIC", f"-Wl,-soname,libcosts-{name}.so", *options)
    return _compile("dl_costs.c", "program", f"-L{FOLDER}", "-lcosts-started", "-Wl,-rpath,$ORIGIN")


def _compile(source, name, *options):
    output = FOLDER / name
    done = run(["gcc", "-O2", "-o", output, SOURCES / source, *options], timeout=60)
    assert done.status == 0, done
    return output


class Costs:
    """Nanoseconds of each call, round by round."""

    def __init__(self, program):
        self._commands = {"reference": [workloads.REFERENCES["glibc"], program],
                          "candidate": [workloads.CANDIDATE, program]}
        self._rounds = {"reference": [], "candidate": []}

    def add_rounds(self, count):
        for _ in range(count):
            for role, command in self._commands.items():
                self._rounds[role].append(_one_run(command))

    def names(self):
        return list(self._rounds["reference"][0])

    def fastest(self, role, name):
        return min(found[name] for found in self._rounds[role])

    def ratio(self, name):
        return self.fastest("candidate", name) / self.fastest("reference", name)


def _one_run(command):
    done = run(command, timeout=60, env=environment())
    assert (done.status, done.err) == (0, ""), done
    return {name: float(cost) for name, cost in (line.split() for line in done.out.splitlines())}


def main():
    costs = Costs(build())
    costs.add_rounds(9)
    print(f"{'call':<18} {'glibc':>9} {'ours':>9} {'ratio':>6} {'limit':>6}")
    for name in costs.names():
        limit = LIMITS.get(name)
        print(f"{name:<18} {costs.fastest('reference', name):>9.1f} {costs.fastest('candidate', name):>9.1f} "
              f"{costs.ratio(name):>6.2f} {limit if limit else '-':>6}")


if __name__ == "__main__":
    main()
