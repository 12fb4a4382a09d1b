"""Debians with services, made once for each suite and kept in build/roots; and the packages to install in them."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path.append(str(TESTS / "package"))  # makes Debians, and reads packages

import booted  # noqa: E402  (needs the path above)
import deb_file  # noqa: E402
import debian_systems  # noqa: E402
import roots  # noqa: E402
from loaders import PROJECT  # noqa: E402
from process import run  # noqa: E402

# What an emulator boots, too.
FEW_SERVICES = ("systemd-sysv", "udev", "dbus", "cron", "libpam-systemd", "openssh-server", "openssh-client", "curl",
                "nginx-light", "redis-server", "memcached")
SERVICES = ("systemd-sysv", "systemd-resolved", "udev", "dbus", "cron", "rsyslog", "openssh-server", "openssh-client", "nginx",
            "redis-server", "memcached", "haveged", "chrony", "haproxy", "polkitd", "libpam-systemd", "sudo", "curl",
            "postgresql", "bind9", "bind9-dnsutils", "python3", "perl")


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.debian)


@pytest.fixture(scope="session")
def packages(testrun_uid):
    if ready := os.environ.get("LDSEAL_PACKAGES"):
        return deb_file.in_folder(Path(ready))
    return deb_file.built(PROJECT / "build/packages", testrun_uid)


class Adoptable(debian_systems.System):
    def __init__(self, path, architecture, package):
        super().__init__(path, architecture)
        self._package = package

    def install(self):
        """The package as a user installs it, and nothing else."""
        self.copy_in(self._package.path, "/ldseal.deb")
        self.succeed("dpkg", "--install", "/ldseal.deb")
        (self.path / "ldseal.deb").unlink()


def archive_of(suite, architecture):
    archive = roots.ROOTS_FOLDER / f"debian-services-{suite}-{architecture}.tar"
    with debian_systems.locked(archive.stem):
        if not archive.exists():
            services = SERVICES if architecture == debian_systems.HERE else FEW_SERVICES
            debian_systems.make(archive, suite, services, architecture)
    return archive


@pytest.fixture(scope="module")
def made_systems(packages):
    """made_systems(suite, architecture): a Debian with services, which observes itself when it is booted."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to boot a Debian")
    if shutil.which("systemd-nspawn") is None:
        pytest.skip("systemd-nspawn is not installed")
    folder = Path(tempfile.mkdtemp(prefix="debian-", dir="/var/tmp"))

    def make(suite, architecture=debian_systems.HERE):
        try:
            archive = archive_of(suite, architecture)
        except debian_systems.Unavailable as reason:
            pytest.skip(str(reason))
        path = folder / f"{suite}-{architecture}"
        path.mkdir()
        done = run(["tar", "--extract", "--numeric-owner", "--xattrs", "--file", archive, "--directory", path], timeout=300)
        assert done.status == 0, done
        booted.prepare(path)
        return Adoptable(path, architecture, packages["ldseal", architecture])
    yield make
    shutil.rmtree(folder, ignore_errors=True)
