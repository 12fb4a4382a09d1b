"""What tests of privilege share: a folder that every user can reach, what starts programs there, who builds them."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
for folder in ("crt", "programs", "seal"):
    sys.path.append(str(TESTS / folder))

from kinds import SOURCES, Builder  # noqa: E402  (needs the paths above)
from process import run  # noqa: E402
from starting import Starter  # noqa: E402


@pytest.fixture(scope="session")
def reachable():
    """A folder that every user can reach, on a file system that honours set-user-ID."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to make programs of one user and run them as another")
    folder = Path(tempfile.mkdtemp(prefix="secure-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        if os.statvfs(folder).f_flag & os.ST_NOSUID:
            pytest.skip("needs a file system that honours set-user-ID")
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def builder(reachable):
    return Builder(reachable)


@pytest.fixture(scope="session")
def starter(reachable):
    output = reachable / "starts"
    flags = ["-O1", "-Wall", "-Wextra", "-Werror"]
    result = run(["gcc", *flags, SOURCES / "starts.c", SOURCES / "caller.c", "-o", output])
    assert result.status == 0, result
    return Starter(output, reachable)
