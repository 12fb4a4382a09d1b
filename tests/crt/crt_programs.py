"""Programs that seal themselves, and the wrappers that build them: ldseal-cc and ldseal-c++ of the build folder."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from loaders import BUILDS, PROJECT, emulator
from process import run
from roots import RootUnavailable, root

SOURCES = Path(__file__).resolve().parent / "programs"
OBSERVE = PROJECT / "tests/programs/include"
MUSL_FOR_ARM = "musl-bookworm-arm64"
WARNINGS = ("-Wall", "-Wextra", "-Werror")


def objects(machine="x86_64"):
    """The folder of the start objects, where the wrappers find them, too."""
    return PROJECT / BUILDS[machine] / "crt"


def wrapper(language="c", machine="x86_64"):
    path = objects(machine) / ("ldseal-cc" if language == "c" else "ldseal-c++")
    assert path.exists(), f"{path} is not built: run tools/build"
    return path


def musl_options(machine):
    """What the wrapper must be told to find musl for this machine."""
    if machine == "x86_64":
        if shutil.which("musl-gcc") is None:
            pytest.skip("musl is missing: install musl-tools")
        return ["--libc=musl"]
    try:
        return ["--libc=musl", f"--musl={root(MUSL_FOR_ARM).path}"]
    except RootUnavailable as reason:
        pytest.skip(str(reason))


def libc_options(libc, machine="x86_64"):
    return musl_options(machine) if libc == "musl" else [f"--libc={libc}"]


def compile_sealed(output, source, *flags, libc="glibc", machine="x86_64"):
    """Builds one source with the wrapper; returns the program."""
    language = "c++" if str(source).endswith(".cc") else "c"
    alone = ["-ffreestanding", f"-I{OBSERVE}"] if libc == "none" else []
    command = [wrapper(language, machine), *libc_options(libc, machine), "-O1", *WARNINGS, *alone, source, "-o", output,
               *flags]
    result = run(command, timeout=300)
    assert (result.status, result.err) == (0, ""), result
    return output


def compile_with_glibc_by_hand(output, source, *flags):
    """As a build system of its own does that knows of the one object and of nothing else, not even of an entry."""
    result = run(["gcc", "-O1", *WARNINGS, "-fPIE", "-static-pie", "-Wl,-z,relro,-z,now", objects() / "glibc.o", source,
                  "-o", output, *flags], timeout=120)
    assert (result.status, result.err) == (0, ""), result
    return output


def run_program(program, *words, machine="x86_64", **options):
    return run([*emulator(machine), program, *words], **options)


@dataclasses.dataclass(frozen=True)
class Program:
    """A program of this folder, how it is built, and what it does when it is run by those words."""

    source: str
    libc: str = "glibc"
    flags: tuple = ()
    words: tuple = ()
    status: int = 0

    def build(self, output):
        return compile_sealed(output, SOURCES / self.source, *self.flags, libc=self.libc)


PROGRAMS = {
    "hello": Program("hello.c", flags=("-DIFUNC",), status=3),
    "hello at fixed addresses": Program("hello.c", flags=("-DIFUNC", "-static"), status=3),
    "hello by lld": Program("hello.c", flags=("-fuse-ld=lld",), status=3),
    "everything": Program("everything.cc", status=4),
    "multicall": Program("multicall.c", words=("date", "0")),
    "hello of musl": Program("hello.c", "musl", ("-DIFUNC",), status=3),
    "hello of musl at fixed addresses": Program("hello.c", "musl", ("-DIFUNC", "-static"), status=3),
    "multicall of musl": Program("multicall.c", "musl", words=("date", "0")),
    "alone": Program("alone.c", "none", status=3),
    "alone at fixed addresses": Program("alone.c", "none", ("-static",), status=3),
}
