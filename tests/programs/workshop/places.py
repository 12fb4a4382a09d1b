"""Where things are: the loaders under test, the build folder, the libcs, the root of a foreign machine."""

import functools
import os
import subprocess
import sys
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parents[1]
PROJECT = PROGRAMS.parents[1]
BUILD = PROJECT / "build" / "tests" / "programs"
INCLUDE = PROGRAMS / "include"

sys.path.insert(0, str(PROJECT / "tests" / "lib"))
from loaders import BUILDS, MACHINES  # noqa: E402,F401  (MACHINES: for those who import this module)
from roots import RootUnavailable, root  # noqa: E402,F401  (likewise)

BUILT_LOADERS = {machine: PROJECT / BUILDS[machine] / f"ldso/ld-seal-{machine}.so.1" for machine in MACHINES}
GLIBC_INTERPRETERS = {"x86_64": "/lib64/ld-linux-x86-64.so.2", "aarch64": "/lib/ld-linux-aarch64.so.1"}
MUSL_INTERPRETERS = {machine: f"/lib/ld-musl-{machine}.so.1" for machine in MACHINES}
CROSS_GLIBC = Path("/usr/aarch64-linux-gnu")


def interpreter(libc, machine):
    """The PT_INTERP of a normal program. With no libc at all, glibc's loader is the one to compare with."""
    return (MUSL_INTERPRETERS if libc == "musl" else GLIBC_INTERPRETERS)[machine]


def loader_under_test(machine):
    """LDSEAL_LOADER_X86_64 and LDSEAL_LOADER_AARCH64 name another loader than the built one."""
    override = os.environ.get(f"LDSEAL_LOADER_{machine.upper()}")
    return str(BUILT_LOADERS[machine]) if override in (None, "oracle") else override


def testing_recipes(machine):
    """With the word "oracle" for a loader, the libc's own takes its place and the recipes themselves are tested."""
    return os.environ.get(f"LDSEAL_LOADER_{machine.upper()}") == "oracle"


def system_folder(libc, machine):
    """What qemu puts before absolute paths: the foreign libc's root; None on this machine's own."""
    if machine == "x86_64":
        return None
    return musl_root() if libc == "musl" else CROSS_GLIBC


@functools.lru_cache
def musl_root():
    return root("musl-bookworm-arm64").path


@functools.lru_cache
def musl_folders(machine):
    """(headers, start objects, the folder with libc.so) of musl for one machine."""
    base = Path("/") if machine == "x86_64" else musl_root()
    triple = f"{machine}-linux-musl"
    return base / "usr/include" / triple, base / "usr/lib" / triple, base / "lib" / triple


@functools.lru_cache
def compiler_file(driver, name):
    """A file that comes with a compiler, for example crtbeginS.o."""
    found = subprocess.run([driver, f"-print-file-name={name}"], capture_output=True, text=True, check=True, timeout=20)
    return found.stdout.strip()
