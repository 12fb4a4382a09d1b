"""A root of its own for each test, as a copy of one that is made once."""

import os
import subprocess

import pytest

from made_root import SEALCTL, make_root


@pytest.fixture(scope="session", autouse=True)
def needs():
    """What every test here needs. Missing means that the build or the machine is wrong, so it fails."""
    assert SEALCTL.exists(), f"{SEALCTL} is not built: run tools/build"
    assert os.geteuid() == 0, "run as root: a root's files belong to root"


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    return make_root(tmp_path_factory.mktemp("made") / "root")


@pytest.fixture
def fresh_root(made_once, tmp_path):
    """Makes a copy of the made-up root each time it is called."""
    made = []

    def copy():
        made.append(tmp_path / f"root{len(made)}")
        subprocess.run(["cp", "-a", made_once, made[-1]], check=True)
        return made[-1]
    return copy


@pytest.fixture
def root(fresh_root):
    return fresh_root()
