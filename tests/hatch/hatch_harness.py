"""Compiles what the tests of the hatch start, for both machines and with both compilers."""

from pathlib import Path

from loaders import PROJECT
from process import run

SOURCES = Path(__file__).resolve().parent
SEALCTL = PROJECT / "build/tools/sealctl"
PUBLIC_HEADERS = PROJECT / "ldso/include"
CLASSES = {"text": 1, "relro": 2, "system": 4, "loader": 8, "data": 16, "dlopen": 32, "guards": 64}
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
