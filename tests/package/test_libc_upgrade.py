"""libc6 is exchanged for that of the next release and back while the system is adopted."""

import os

import pytest

PLACE = "usr/lib64/ld-linux-x86-64.so.2"
NEXT, NEXT_VERSION = "trixie", "2.41-"
EXCHANGED = ("libc6", "libc-bin", "base-files")  # libc6 breaks an older base-files

pytestmark = pytest.mark.debian


@pytest.fixture
def debian(system, packages):
    made = system("bookworm")
    made.copy_in(packages["ldseal", "amd64"].path, "/ldseal.deb")
    made.succeed("dpkg", "--install", "/ldseal.deb")
    made.succeed("sealctl", "adopt", "--system", timeout=300)
    return made


def libc_of(debian):
    return debian.succeed("dpkg-query", "--show", "--showformat=${Version}", "libc6")


def assert_adopted(debian):
    assert os.readlink(debian.path / PLACE) == "ld-seal-x86_64.so.1"
    trace = debian.run("/bin/true", env={"LDSEAL": "require", "LDSEAL_DEBUG": "seal"})
    assert trace.status == 0 and "ranges sealed" in trace.err, trace
    debian.succeed("sealctl", "status")
    assert debian.succeed("dpkg", "--audit") == ""


def test_another_libc6_and_back_leaves_the_system_adopted(debian):
    first = libc_of(debian)
    with debian.with_apt_of(NEXT):
        for suite, version in ((NEXT, NEXT_VERSION), ("bookworm", first)):
            wanted = [f"{package}/{suite}" for package in EXCHANGED]
            done = debian.succeed("apt-get", "--yes", "--allow-downgrades", "--no-install-recommends", "install", *wanted,
                                  timeout=300)
            assert libc_of(debian).startswith(version)
            assert "the system is released until it is installed" in done
            assert_adopted(debian)
    debian.succeed("sealctl", "release", "--system")
    assert os.readlink(debian.path / PLACE).endswith("/ld-linux-x86-64.so.2")
    debian.succeed("/bin/true")
