"""Reads what LD_DEBUG=bindings says: which object's reference was bound to which object's definition.

The form is glibc's:  1234:\tbinding file A [0] to B [0]: normal symbol `name' [VERSION]
"""

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

LINE = re.compile(
    r"^ *\d+:\tbinding file (?P<by>.+?) \[0\] to (?P<to>.+?) \[0\]: (?P<kind>normal|protected) symbol "
    r"`(?P<symbol>[^']+)'(?: \[(?P<version>[^\]]+)\])?$")
ANY_BINDING = re.compile(r"^ *\d+:\tbinding file ")


class Binding(NamedTuple):
    by: str
    to: str
    kind: str
    symbol: str
    version: str | None

    def __str__(self) -> str:
        version = f" [{self.version}]" if self.version else ""
        return f"binding file {self.by} [0] to {self.to} [0]: {self.kind} symbol `{self.symbol}'{version}"


def parse(text: str) -> list[Binding]:
    """Every binding in the log, in order; a line that begins as one and is of another form is an error."""
    found = []
    for line in text.splitlines():
        matched = LINE.match(line)
        if matched:
            found.append(Binding(*matched.group("by", "to", "kind", "symbol", "version")))
        elif ANY_BINDING.match(line):
            raise ValueError(f"not in glibc's form: {line!r}")
    return found


def of_program(words: list[str], folder: Path, environment: dict[str, str], timeout: float = 120) -> list[Binding]:
    """The bindings of one process, not of its children: the log's name ends in the process's number."""
    log = folder / "bindings"
    environment = environment | {"LD_DEBUG": "bindings", "LD_BIND_NOW": "1", "LD_DEBUG_OUTPUT": str(log)}
    process = subprocess.Popen(words, env=environment, cwd=folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _, errors = process.communicate(timeout=timeout)
    finally:
        process.kill()
    assert process.returncode == 0, f"{words} ended with {process.returncode}: {errors.decode(errors='replace')}"
    written = Path(f"{log}.{process.pid}")
    assert written.exists(), f"LD_DEBUG_OUTPUT was not written; the folder holds {os.listdir(folder)}"
    return parse(written.read_text(errors="replace"))


def exported_by(loader: Path) -> set[str]:
    """The names that a loader defines for the programs it loads."""
    listing = subprocess.run(["nm", "-D", "--defined-only", str(loader)], capture_output=True, text=True, check=True)
    return {line.split()[-1].split("@")[0] for line in listing.stdout.splitlines()}


class References(NamedTuple):
    """The names that a program's relocations refer to: to call them only, or by address."""

    calls: set[str]
    addresses: set[str]


def references_of(program: Path) -> References:
    listing = subprocess.run(["readelf", "-rW", str(program)], capture_output=True, text=True, check=True).stdout
    calls, addresses = set(), set()
    for kind, name in re.findall(r"^[0-9a-f]{16} +[0-9a-f]{16} (R_\S+) +[0-9a-f]{16} ([^@\s]+)", listing, re.MULTILINE):
        (calls if kind.endswith(("JUMP_SLOT", "JUMP_SLO")) else addresses).add(name)
    return References(calls, addresses)
