"""Fixtures of the tests of crt/: programs that seal themselves, built with the wrappers of the build folder."""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path.append(str(TESTS / "seal"))  # the attacks, and what reads smaps and the plan

import crt_programs  # noqa: E402  (needs the path above)
import seal_tools  # noqa: E402


@pytest.fixture(scope="session")
def attack(tmp_path_factory):
    """The program that runs another to its exit and looks at it, or attacks it, there."""
    return seal_tools.build_attack(tmp_path_factory.mktemp("attack"))


@pytest.fixture(scope="session")
def refuse(tmp_path_factory):
    """refuse(number, error): the words before a command line that make the kernel refuse it a system call."""
    output = tmp_path_factory.mktemp("refuse") / "refuse"
    program = seal_tools.compile_program(output, [seal_tools.SOURCES / "refuse.c"])
    return lambda *numbers: [program, *map(str, numbers), "--"]


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """built(name): one of the programs in crt_programs.PROGRAMS; each is compiled once."""
    folder, done = tmp_path_factory.mktemp("programs"), {}

    def find(name):
        if name not in done:
            done[name] = crt_programs.PROGRAMS[name].build(folder / name)
        return done[name]
    return find
