"""Fixtures of the seal tests: the attack program, built once, and the programs that are looked at and attacked."""

import pytest

import seal_programs
import seal_tools


@pytest.fixture(scope="session")
def attack(tmp_path_factory):
    """The program that runs another to its exit and looks at it, or attacks it, there."""
    return seal_tools.build_attack(tmp_path_factory.mktemp("attack"))


@pytest.fixture(params=seal_programs.NAMES)
def program(request, tmp_path_factory):
    """Each of the programs; a test that asks for it runs once for each."""
    return seal_programs.find_program(request.param, tmp_path_factory.mktemp(request.param))
