"""Fixtures of the seal tests: the attack program, built once, and the programs that are looked at and attacked."""

import pytest

import seal_programs
import seal_tools


@pytest.fixture(scope="session")
def attack(tmp_path_factory):
    """The program that runs another to its exit and looks at it, or attacks it, there."""
    return seal_tools.build_attack(tmp_path_factory.mktemp("attack"))


@pytest.fixture(scope="session")
def refuse(tmp_path_factory):
    """refuse(number, error) or refuse(number, error, argument, value): the words before a command line that make the
    kernel refuse a system call to it; refuse.c says more."""
    output = tmp_path_factory.mktemp("refuse") / "refuse"
    program = seal_tools.compile_program(output, [seal_tools.SOURCES / "refuse.c"])
    return lambda *numbers: [program, *map(str, numbers), "--"]


@pytest.fixture(params=seal_programs.NAMES)
def program(request, tmp_path_factory):
    """Each of the programs; a test that asks for it runs once for each."""
    return seal_programs.find_program(request.param, tmp_path_factory.mktemp(request.param))
