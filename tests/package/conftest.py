"""Fixtures of the tests of packages: one build of them for a run, unpacked packages, and a Debian to install them in."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

import debian_systems
import deb_file
from loaders import PROJECT


@pytest.fixture(scope="session")
def packages(testrun_uid):
    """The packages of both architectures, by name and architecture. They are built once in a run.

    LDSEAL_PACKAGES names a folder of packages that are built already.
    """
    if ready := os.environ.get("LDSEAL_PACKAGES"):
        return deb_file.in_folder(Path(ready))
    return deb_file.built(PROJECT / "build/packages", testrun_uid)


@pytest.fixture(scope="session")
def unpacked(packages, tmp_path_factory):
    """The files of ldseal and ldseal-dev for this machine, as if they were installed in a folder."""
    folder = tmp_path_factory.mktemp("unpacked")
    for name in ("ldseal", "ldseal-dev"):
        packages[name, "amd64"].unpack(folder)
    return folder


@pytest.fixture(params=["bookworm", pytest.param("trixie", marks=pytest.mark.debian)])
def suite(request):
    return request.param


@pytest.fixture
def system():
    """system(suite, *packages): a Debian of this suite with these packages, for one test to change."""
    if os.geteuid() != 0:
        pytest.skip("needs root, for chroot")
    folder = Path(tempfile.mkdtemp(prefix="debian-", dir="/var/tmp"))

    def make(suite, *names):
        try:
            return debian_systems.system(folder / suite, suite, names)
        except debian_systems.Unavailable as reason:
            pytest.skip(str(reason))
    yield make
    shutil.rmtree(folder)
