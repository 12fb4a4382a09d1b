"""Programs and libraries of each kind, built once in a session."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent))

from check_tools import SEALCTL, build  # noqa: E402  (needs the path above)


@pytest.fixture(scope="session", autouse=True)
def sealctl():
    """The built tool. Missing means that the build is wrong, so it fails and never skips."""
    assert SEALCTL.exists(), f"{SEALCTL} is not built: run tools/build"
    return SEALCTL


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("check")


@pytest.fixture(scope="session")
def plain(folder):
    """As Debian links: full RELRO."""
    return build(folder / "plain", "-Wl,-z,relro,-z,now")
