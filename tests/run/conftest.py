"""The laboratory for tests of searching, of the command line, of errors and of traces."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "programs"))

from laboratory import Laboratory  # noqa: E402  (needs the path above)


@pytest.fixture(params=["x86_64", "aarch64"])
def lab(request, tmp_path):
    """A place for programs and libraries of one machine, without libc."""
    return Laboratory(tmp_path, request.param)


@pytest.fixture
def native_lab(tmp_path):
    """The same for this machine alone."""
    return Laboratory(tmp_path, "x86_64")


@pytest.fixture
def glibc_lab(tmp_path):
    """The same with glibc."""
    return Laboratory(tmp_path, "x86_64", libc="glibc")


@pytest.fixture
def nobodys_lab():
    """A laboratory that every user can reach, on a file system that honours set-user-ID."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to make programs of one user and run them as another")
    folder = Path(tempfile.mkdtemp(prefix="laboratory-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        if os.statvfs(folder).f_flag & os.ST_NOSUID:
            pytest.skip("needs a file system that honours set-user-ID")
        yield Laboratory(folder, "x86_64")
    finally:
        shutil.rmtree(folder)
