"""What the tests of the hatch share: sealctl, and a folder for what they compile."""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path.append(str(TESTS / "seal"))  # seal_tools: smaps and the loader's plan

from hatch_harness import SEALCTL, build  # noqa: E402  (needs the path above)


@pytest.fixture(scope="session")
def sealctl():
    """The built tool. Missing means that the build is wrong, so it fails and never skips."""
    assert SEALCTL.exists(), f"{SEALCTL} is not built: run tools/build"
    return SEALCTL


@pytest.fixture(scope="session")
def asks(tmp_path_factory):
    """The program that asks all questions: asks.c."""
    return build("asks.c", tmp_path_factory.mktemp("asks") / "asks")


@pytest.fixture(scope="session")
def exempts(tmp_path_factory):
    """The supervisor that uses the header: exempts.c."""
    return build("exempts.c", tmp_path_factory.mktemp("exempts") / "exempts")
