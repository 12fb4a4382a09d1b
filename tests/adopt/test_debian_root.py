"""A real Debian adopted and released: upgrades of libc6 leave it adopted, and dpkg finds no file changed."""

import os

import pytest

import roots
from debian_root import DebianRoot
from made_root import (LIBC_NAME, LOADER_LINK, SEAL_NAME, differences, fingerprint, interpreter, sealctl)

SUITES = ("bookworm", "trixie")
pytestmark = pytest.mark.debian


@pytest.fixture(params=SUITES)
def debian(request, tmp_path):
    try:
        return DebianRoot(request.param, tmp_path / "root")
    except roots.RootUnavailable as reason:
        pytest.skip(str(reason))


def inside(debian):
    """sealctl as a program of the root, which lets dpkg-divert do its part."""
    debian.put_sealctl()
    return lambda *words: debian.run("sealctl", *words)


def outside(debian):
    """sealctl with --root, which changes dpkg's database itself."""
    return lambda command, *words: sealctl(command, *words, root=debian.path, timeout=120)


def reinstall_libc(debian):
    done = debian.run("apt-get", "--yes", "install", "--reinstall", "libc6", timeout=300)
    assert done.status == 0, done
    assert "Setting up libc6" in done.out
    return done


@pytest.mark.parametrize("place", [inside, outside])
def test_an_adopted_system_survives_a_new_libc6(debian, place):
    act = place(debian)
    verified = debian.run("dpkg", "--verify")
    before = fingerprint(debian.path)
    adopted = act("adopt", "--system")
    assert (adopted.status, adopted.err) == (0, ""), adopted
    assert debian.run("dpkg", "--verify").out == verified.out
    # Everything from here on runs under ld-seal: apt, dpkg, the maintainer's scripts.
    reinstall_libc(debian)
    assert os.readlink(debian.path / LOADER_LINK) == "ld-seal-x86_64.so.1"
    assert act("status").status == 0
    assert debian.run("dpkg", "--verify").out == verified.out
    assert debian.run("dpkg", "--audit").out == ""
    released = act("release", "--system")
    assert (released.status, released.err) == (0, ""), released
    assert debian.run("dpkg", "--verify").out == verified.out
    reinstall_libc(debian)
    after = fingerprint(debian.path)
    assert {path for path in differences(before, after) if "lib64" in path or "ld-" in path} == set()
    diversions = debian.run("dpkg-divert", "--list", "*ld-linux*").out.splitlines()
    assert [line for line in diversions if not line.endswith(" by libc6")] == []  # trixie's has one


def test_released_at_once_it_is_byte_for_byte_what_it_was(debian):
    before = fingerprint(debian.path)
    act = outside(debian)
    assert act("adopt", "--system").status == 0
    assert act("release", "--system").status == 0
    assert differences(before, fingerprint(debian.path)) == {}


def test_all_programs_are_adopted_and_released_byte_for_byte(debian):
    before = fingerprint(debian.path)
    act = outside(debian)
    adopted = act("adopt", "/usr/bin", "/usr/sbin", "/usr/lib", "--exclude", "/usr/bin/sleep")
    assert (adopted.status, adopted.err) == (0, ""), adopted
    count = int(adopted.out.split()[1])
    assert count > 200
    assert interpreter(debian.path / "usr/bin/dpkg") == SEAL_NAME
    assert interpreter(debian.path / "usr/bin/sleep") == LIBC_NAME
    for path, (old, new) in differences(before, fingerprint(debian.path)).items():
        assert {key for key in old if old[key] != new[key]} == {"bytes"}, path
    assert debian.run("dpkg", "--list", "libc6").status == 0
    assert act("status").out.endswith(f"programs: {count} of {count} adopted\n")
    assert act("release", "--all").out.endswith(f"released {count} programs\n")
    assert differences(before, fingerprint(debian.path)) == {}


def test_an_upgrade_of_adopted_programs_is_adopted_again(debian):
    act = outside(debian)
    act("adopt", "/usr/bin", "/usr/sbin")
    programs = [path for path in ("usr/bin/getconf", "usr/bin/iconv", "usr/bin/getent", "usr/bin/locale")
                if interpreter(debian.path / path) == SEAL_NAME]
    # libc-bin is not at hand; what it would do to its files, an upgrade of any package does.
    for path in programs:
        replaced = debian.path / path
        data = replaced.read_bytes().replace(SEAL_NAME.encode() + b"\0\0", LIBC_NAME.encode() + b"\0")
        new = replaced.with_suffix(".dpkg-new")
        new.write_bytes(data)
        new.chmod(0o755)
        new.rename(replaced)
    status = act("status")
    assert status.status == 1 and status.out.count(": replaced: ") == len(programs) > 0
    assert act("adopt").out == f"adopted {len(programs)} program{'s' if len(programs) > 1 else ''}\n"
    assert act("status").status == 0
