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


def program_fixture(name, what):
    """A session's one build of a program of this folder."""
    def compiled(tmp_path_factory):
        return build(f"{name}.c", tmp_path_factory.mktemp(name) / name)
    compiled.__doc__ = what
    return pytest.fixture(scope="session", name=name)(compiled)


asks = program_fixture("asks", "The program that asks the loader's questions, and others.")
exempts = program_fixture("exempts", "The supervisor that uses the header.")
shows_itself = program_fixture("shows_itself", "The program that shows its privilege and its mappings.")
answers_openly = program_fixture("answers_openly", "The supervisor that does without no_new_privs.")
