"""The test roots themselves: what other tests take from them must be true."""

import struct
import subprocess

import pytest
import roots

ELF_MACHINES = {"x86_64": 62, "aarch64": 183}


def available(name):
    try:
        return roots.root(name)
    except roots.RootUnavailable as reason:
        pytest.skip(str(reason))


def version_numbers(found):
    return tuple(int(part) for part in found.version.split("."))


@pytest.mark.parametrize("name", roots.names())
def test_a_root_holds_a_loader_of_its_machine(name):
    found = available(name)
    header = found.loader.read_bytes()[:20]
    assert header[:4] == b"\x7fELF" and struct.unpack_from("<H", header, 18)[0] == ELF_MACHINES[found.machine]


@pytest.mark.parametrize("libc", ["glibc", "musl"])
def test_every_suite_has_a_libc_no_older_than_the_suite_before(libc):
    bookworm, trixie, sid = (version_numbers(available(f"{libc}-{suite}")) for suite in roots.SUITES)
    assert bookworm < trixie <= sid


@pytest.mark.parametrize("name", [name for name in roots.names() if name.startswith("glibc") and "arm64" not in name])
def test_the_loader_of_a_glibc_root_reports_the_version_of_its_package(name):
    found = available(name)
    said = subprocess.run([found.loader, "--version"], capture_output=True, text=True, timeout=10).stdout
    assert f"version {found.version}." in said.splitlines()[0]


def test_an_unknown_root_is_refused_by_name():
    with pytest.raises(KeyError, match="glibc-potato"):
        roots.root("glibc-potato")


def test_an_archive_out_of_reach_is_reported_with_the_packages_wanted(tmp_path, monkeypatch):
    monkeypatch.setattr(roots, "ROOTS_FOLDER", tmp_path)
    monkeypatch.setattr(roots, "_mirror", lambda: f"file:{tmp_path}/nowhere")
    with pytest.raises(roots.RootUnavailable, match=r"libc6, libgcc-s1, libstdc\+\+6 \(amd64\) of Debian sid"):
        roots.root("glibc-sid")
