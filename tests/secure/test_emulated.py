"""aarch64: qemu-user tells a program that it is privileged when it is so itself, so a set-user-ID copy of it is. The
environment alone can be looked at: what else a caller has a hand in is the emulator's and not the program's."""

import os
import shutil

import crt_programs
import pytest
from kinds import SOURCES, Kind
from starting import SET_USER_ID, give
from test_environment import HARMLESS, OTHERS, OURS, UNSAFE, left, with_value
from workshop.builder import run_step
from workshop.places import CROSS_GLIBC, RootUnavailable, musl_root
from workshop.toolchain import Toolchain

from loaders import loader

KINDS = (Kind("glibc", "glibc"), Kind("musl", "musl"), Kind("none", "none"), Kind("static-glibc", "glibc", True),
         Kind("static-musl", "musl", True), Kind("static-none", "none", True))
# The emulator takes no two variables of one name, no comma, and nothing without '='.
VARIABLES = [*with_value(UNSAFE), *with_value(OTHERS), *with_value(OURS), *with_value(HARMLESS), b"EMPTY=",
             *(bytes([first]) + b"D_PRELOAD=" for first in range(1, 256) if first not in b"\x01LMX,=")]


@pytest.fixture(scope="module")
def emulator(reachable):
    return shutil.copy(shutil.which("qemu-aarch64"), reachable / "emulator")


@pytest.fixture(scope="module")
def aarch64_loader(reachable):
    path = loader("aarch64")
    assert path.exists(), f"{path} is not built: run tools/build"
    return shutil.copy(path, reachable / "aarch64-loader")


@pytest.fixture(scope="module")
def system(reachable):
    """system(kind): the root folder of its libc, where every user can reach it."""
    def find(kind):
        if kind.libc != "musl":
            return CROSS_GLIBC
        copy = reachable / "musl-root"
        if not copy.exists():
            try:
                shutil.copytree(musl_root(), copy, symlinks=True)
            except RootUnavailable as reason:
                pytest.skip(str(reason))
        return copy
    return find


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.name)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def program(kind, reachable, aarch64_loader, system):
    source, output = SOURCES / "shows_start.c", reachable / f"aarch64-{kind.name}"
    system(kind)
    if kind.is_static:
        alone = ["-DLIBC_NONE"] if kind.libc == "none" else []
        return crt_programs.compile_sealed(output, source, f"-I{crt_programs.OBSERVE}", *alone, libc=kind.libc,
                                           machine="aarch64")
    chain = Toolchain(kind.libc, "aarch64", "gcc", "gnu")
    compiled = output.with_suffix(".o")
    run_step(chain.compile(source, compiled, "c", ["-fPIC", "-DPROGRAM"]))
    run_step(chain.link_program([compiled], output, "c", aarch64_loader, True, []))
    return output


def seen(starter, emulator, system, program, variables):
    words = ["-L", str(system), *(word for each in variables for word in ("-E", os.fsdecode(each))), str(program)]
    start = starter.run([emulator], "nobody", *(f"argument={word}" for word in words))[emulator, 0]
    assert start.is_whole and start.out + start.err == b"", start
    return start


def test_with_privilege_the_environment_is_what_may_be_seen(starter, emulator, system, kind, program):
    give(emulator, SET_USER_ID)
    start = seen(starter, emulator, system(kind), program, VARIABLES)
    assert start.number(b"secure") == 1
    assert sorted(start.variables) == sorted(left(VARIABLES, kind))


def test_without_privilege_it_is_the_callers(starter, emulator, system, kind, program):
    give(emulator, None)
    start = seen(starter, emulator, system(kind), program, VARIABLES)
    assert start.number(b"secure") == 0
    assert sorted(start.variables) == sorted(VARIABLES)


def test_the_block_on_the_stack_is_whole(starter, emulator, system, kind, program):
    give(emulator, SET_USER_ID)
    start = seen(starter, emulator, system(kind), program, VARIABLES)
    answers = [start.number(question) for question in (
        b"argc lies before argv", b"argv ends with a null", b"environment follows argv")]
    assert answers == [1] * 3 and start.values(b"libc has this environment ") in ([], [b"1"])
