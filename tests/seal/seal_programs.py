"""The programs that are looked at and attacked: Debian's own, unmodified, and two small ones of other libcs."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from seal_tools import SOURCES, compile_program

OBSERVE = Path(__file__).resolve().parents[1] / "programs" / "include"
SYSTEM = {
    "ls": ("/usr/bin/ls", "/"),
    "git": ("/usr/bin/git", "--version"),
    "python3": ("/usr/bin/python3", "-c", "print(6 * 7)"),
    "clang": ("/usr/bin/clang", "--version"),
}
NAMES = (*SYSTEM, "musl", "freestanding", "zeroes")

WORKING = """
#include "observe.h"
int work(void);
static int counter = 41;
int *const counted = &counter;  /* in RELRO */
int main(void) { say_number("worked", work() + *counted); return 0; }
"""
LIBRARY = """
static int one = 1;
int *const relocated = &one;
int work(void) { return *relocated; }
"""


@dataclasses.dataclass(frozen=True)
class Program:
    path: Path
    arguments: tuple

    def command(self, launcher, folder):
        return launcher.command(self.path, *self.arguments, folder=folder)


def find_program(name, folder):
    """A program of the machine, or one built in `folder`."""
    if name not in SYSTEM:
        return build_program(name, folder)
    path, *arguments = SYSTEM[name]
    if not Path(path).exists():
        pytest.skip(f"{path} is missing")
    return Program(Path(path), tuple(arguments))


ALONE = ["-nostdlib", "-ffreestanding", "-DLIBC_NONE"]


def build_program(name, folder, compiler="gcc"):
    """A program that needs a library of its own; `folder` is where both are."""
    if name == "musl" and shutil.which("musl-gcc") is None:
        pytest.skip("musl-gcc is missing: install musl-tools")
    compiler, alone = ("musl-gcc", []) if name == "musl" else (compiler, ALONE)
    if name == "zeroes":
        compiler, alone = "clang", [*ALONE, "-fuse-ld=lld", SOURCES / "zeroes.s"]
    library = write(folder / "library.c", LIBRARY)
    program = write(folder / "program.c", WORKING)
    common = [*alone, "-fPIC", "-fno-stack-protector", "-I", OBSERVE, "-Wl,-z,relro,-z,now"]
    compile_program(folder / "libwork.so", [library], *common, "-shared", "-Wl,-soname,libwork.so", compiler=compiler)
    compile_program(folder / name, [program], "-DPROGRAM", *common, "-pie", f"-L{folder}", "-lwork",
                    f"-Wl,-rpath,{folder}", compiler=compiler)
    return Program(folder / name, ())


def build_static_program(folder):
    """A program without any loader of its own."""
    return build_alone("static", folder, "-static")


def build_program_without_libraries(folder):
    """A program that has a loader, and nothing for it to load."""
    return build_alone("alone", folder, "-fPIC", "-pie")


def build_alone(name, folder, *flags):
    source = write(folder / f"{name}.c", '#include "observe.h"\nint main(void) { say("worked"); return 0; }\n')
    compile_program(folder / name, [source], "-DPROGRAM", *ALONE, "-fno-stack-protector", "-I", OBSERVE, *flags)
    return Program(folder / name, ())


def write(path, text):
    path.write_text(text)
    return path
