"""Makes the workshop of the ordinary test programs, and what the tests of sealing and of the hatch share, importable."""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "programs"), str(TESTS / "hatch"), str(TESTS / "seal")]

import seal_tools  # noqa: E402  (needs the path above)
from hatch_harness import SEALCTL  # noqa: E402


@pytest.fixture(scope="session")
def sealctl():
    assert SEALCTL.exists(), f"{SEALCTL} is not built: run tools/build"
    return SEALCTL


@pytest.fixture(scope="session")
def refuse(tmp_path_factory):
    """refuse(number, error, argument, value): the words before a command line whose such system calls are refused."""
    output = tmp_path_factory.mktemp("refuse") / "refuse"
    program = seal_tools.compile_program(output, [seal_tools.SOURCES / "refuse.c"])
    return lambda *numbers: [program, *map(str, numbers), "--"]
