"""Builds the programs of this folder by themselves, starts them, and reads the lines of LD_DEBUG=threads."""

import dataclasses
import re

import stack_recipes

from loaders import loader
from process import environment, run

COMPILERS = {("glibc", "x86_64"): "gcc", ("musl", "x86_64"): "musl-gcc", ("glibc", "aarch64"): "aarch64-linux-gnu-gcc"}
INCLUDE = stack_recipes.PROGRAMS.parents[1] / "programs" / "include"
AARCH64 = ("qemu-aarch64", "-L", "/usr/aarch64-linux-gnu")


def build(file, folder, libc="glibc", machine="x86_64", *flags):
    """Compiles one program of this folder with stacks.h in front of it."""
    source, program = folder / f"{libc}-{machine}-{file}", folder / f"{libc}-{machine}-{file}".removesuffix(".c")
    source.write_text(stack_recipes.STACKS + (stack_recipes.PROGRAMS / file).read_text())
    command = [COMPILERS[libc, machine], "-O1", "-DPROGRAM", f"-I{INCLUDE}", source, "-o", program, "-pthread", *flags]
    result = run(command, timeout=120)
    assert result.status == 0, result
    return program


@dataclasses.dataclass(frozen=True)
class Guard:
    start: int
    end: int
    kind: str


@dataclasses.dataclass(frozen=True)
class Start:
    """A run under the loader with its trace: who makes guards, in the loader's words, and each guard."""

    result: object
    maker: list
    guards: list

    @property
    def kinds(self):
        return sorted({guard.kind for guard in self.guards})


def start(program, *arguments, machine="x86_64", before=(), options=(), timeout=60, **variables):
    emulator = AARCH64 if machine == "aarch64" else ()
    settings = environment(LDSEAL_DEBUG="threads", **variables)
    return read(run([*before, *emulator, loader(machine), *options, program, *arguments], env=settings, timeout=timeout))


def read(result):
    lines = re.findall(r"^ *\d+:\tthreads: (.*)$", result.err, re.MULTILINE)
    guards = [re.fullmatch(r"guard ([0-9a-f]+)-([0-9a-f]+) (.*)", line) for line in lines]
    return Start(result, [line for line, guard in zip(lines, guards) if guard is None],
                 [Guard(int(guard[1], 16), int(guard[2], 16), guard[3]) for guard in guards if guard])
