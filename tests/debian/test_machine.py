"""A Debian 13 with Debian's newest kernel, booted as a machine, x86_64 and aarch64: its initramfs was made while it was
adopted, and udev, journald and all services start sealed. It is compared with the same machine released."""

import shutil
import tempfile
from pathlib import Path

import debian_systems
import machine
import pytest

SUITE, KERNEL_SUITE = "trixie", "sid"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
INSTALL_SECONDS = 2400  # emulated
# An emulated processor takes long for each instruction, and forgets what it knows of pages when mappings change: 1.28 to
# 1.4 has been seen, with LDSEAL=off as well.
SLOWER = 1.4
NOISE = 1.10


@pytest.fixture(scope="module", params=ARCHITECTURES)
def boots(request, made_systems):
    """The same machine, adopted and then released."""
    if reason := machine.missing(request.param):
        pytest.skip(reason)
    architecture = ARCHITECTURES[request.param]
    system = made_systems(SUITE, architecture)
    system.install()
    # No emulator of single programs has mseal, so `adopt` is forced: see test_other_machine.py.
    force = [] if architecture == debian_systems.HERE else ["--force"]
    system.succeed("sealctl", "adopt", "--system", *force)
    install_kernel(system, architecture)
    # Debian's haproxy is compiled for cmpxchg16b, which the machine has not (machine.py).
    system.succeed("systemctl", "mask", "haproxy")
    verified = system.succeed("sh", "-c", "dpkg --verify | grep -v ' /usr/share/doc'; true")  # the root has no documents
    folder = Path(tempfile.mkdtemp(prefix="machine-", dir="/var/tmp"))
    try:
        adopted = machine.boot(system.path, folder, request.param)
        system.succeed("sealctl", "release", "--system")
        system.succeed("update-initramfs", "-u", timeout=INSTALL_SECONDS)
        released = machine.boot(system.path, folder, request.param)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return adopted, released, verified


def install_kernel(system, architecture):
    """As an upgrade of the kernel does: its package makes an initramfs, here under ld-seal."""
    with system.with_apt_of(KERNEL_SUITE):
        system.succeed("apt-get", "install", "--yes", "--no-install-recommends", "initramfs-tools",
                       f"linux-image-cloud-{architecture}/{KERNEL_SUITE}", timeout=INSTALL_SECONDS)


def test_the_state_is_that_of_the_released_machine(boots):
    adopted, released, _ = boots
    assert adopted.kernel == released.kernel
    assert (adopted.observed.state, adopted.observed.failed) == (released.observed.state, released.observed.failed)
    assert adopted.observed.running == released.observed.running


def test_the_work_has_the_same_results(boots):
    adopted, released, _ = boots
    assert len(released.observed.work) > 15
    work = released.observed.work
    assert {job: what for job, what in adopted.observed.work.items() if work.get(job) != what} == {}


def test_every_process_is_sealed(boots):
    adopted, released, _ = boots
    assert {process.sealed for process in released.observed.processes} == {0}
    why = {entry["pid"]: {reason["why"] for reason in entry["reasons"]}
           for entry in adopted.observed.survey["processes"]}
    left = [process for process in adopted.observed.processes if process.sealed < process.code]
    assert [process for process in left if not why[process.pid] <= {"filter", "policy", "opened-later"}] == []
    names = {process.name for process in adopted.observed.processes if process.sealed}
    assert {"systemd", "systemd-journal", "systemd-udevd", "systemd-logind"} <= names


def test_it_boots_nearly_as_fast(boots):
    adopted, released, _ = boots
    assert adopted.seconds <= SLOWER * NOISE * released.seconds


def test_no_file_of_a_package_has_changed(boots):
    *_, verified = boots
    assert verified == ""
