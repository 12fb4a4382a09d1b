"""Compiles what the tests of the hatch start, for both machines and with both compilers; reads what was sealed."""

import dataclasses
from pathlib import Path

import address_ranges
import seal_tools

from loaders import PROJECT
from process import environment, run

SOURCES = Path(__file__).resolve().parent
SEALCTL = PROJECT / "build/tools/sealctl"
PUBLIC_HEADERS = PROJECT / "ldso/include"
CLASSES = {"text": 1, "relro": 2, "system": 4, "loader": 8, "data": 16, "dlopen": 32, "guards": 64,
           "plt": 128}
ALL_BITS = tuple(1 << bit for bit in range(32))
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")
DRIVERS = {("gcc", "x86_64"): ("gcc", "g++"),
           ("gcc", "aarch64"): ("aarch64-linux-gnu-gcc", "aarch64-linux-gnu-g++"),
           ("clang", "x86_64"): ("clang", "clang++"),
           ("clang", "aarch64"): ("clang", "clang++")}


def driver(compiler, machine, language="c"):
    """The words that start this compiler for this machine."""
    program = DRIVERS[compiler, machine][language == "c++"]
    return [program, f"--target={machine}-linux-gnu"] if compiler == "clang" else [program]


def build(source, output, *flags, compiler="gcc", machine="x86_64", language="c"):
    """Compiles and links one source (a file of this folder, or any path); returns the program."""
    command = [*driver(compiler, machine, language), "-O1", *WARNINGS, f"-I{PUBLIC_HEADERS}", SOURCES / source,
               "-o", output, *flags]
    result = run(command, timeout=120)
    assert (result.status, result.err) == (0, ""), result
    return output


@dataclasses.dataclass(frozen=True)
class Start:
    """One start of shows_itself: what the loader planned, and what the program then saw of itself."""

    trace: object
    areas: list

    def of(self, *classes):
        return sorted(self._described(entry) for entry in self.trace.plan if entry.seal_class in classes)

    def without(self, *classes):
        return self.of(*set(CLASSES) - set(classes))

    def _described(self, entry):
        """Without its address, which every start chooses anew."""
        return (entry.seal_class, entry.object, entry.permissions, entry.end - entry.start, entry.verdict, entry.reason)

    @property
    def sealed_by_plan(self):
        return address_ranges.of(entry for entry in self.trace.plan if entry.is_sealed)

    @property
    def sealed_in_memory(self):
        return address_ranges.of(area for area in self.areas if area.is_sealed)


def start_of(command, **variables):
    """Runs shows_itself, by whatever command line, to its good end."""
    result = run(command, env=environment(LDSEAL_DEBUG="seal", **variables))
    assert result.status == 0, result
    return Start(seal_tools.parse_trace(result.err), seal_tools.parse_smaps(result.out.partition("mappings:\n")[2]))


def verdicts(entries):
    return {verdict for *_, verdict, _ in entries}
