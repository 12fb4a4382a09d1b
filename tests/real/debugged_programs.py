"""Builds the program that debuggers and profilers look at, for glibc and for musl, with a chosen PT_INTERP."""

import subprocess
from pathlib import Path

from real_harness import MUSL_LOADER, SYSTEM_LOADER

SOURCES = Path(__file__).resolve().parent / "debugged"
COMPILERS = {"glibc": "gcc", "musl": "musl-gcc"}


def loader_for(libc: str, candidate: Path) -> Path:
    """ld-seal loads programs of both libcs. When the tests themselves are tried with the system's loader as the
    candidate, musl needs its own."""
    is_glibcs = candidate.resolve() == SYSTEM_LOADER.resolve()
    return MUSL_LOADER if libc == "musl" and is_glibcs else candidate


def build(libc: str, loader: Path, folder: Path) -> Path:
    """`folder`/main, which needs `folder`/libwork.so by $ORIGIN and names `loader` as its interpreter."""
    compiler = [COMPILERS[libc], "-g", "-O1", "-fno-omit-frame-pointer"]
    library = folder / "libwork.so"
    program = folder / "main"
    run([*compiler, "-fPIC", "-shared", "-o", library, SOURCES / "work.c", "-Wl,-soname,libwork.so"])
    run([*compiler, "-pthread", "-o", program, SOURCES / "main.c", f"-L{folder}", "-lwork", "-Wl,-rpath,$ORIGIN",
         f"-Wl,--dynamic-linker={loader}"])
    return program


def run(words: list) -> None:
    subprocess.run([str(word) for word in words], check=True, capture_output=True, timeout=60)
