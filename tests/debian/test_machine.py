"""A Debian 13 with Debian's newest kernel, booted as a machine: its initramfs was made while it was adopted, and udev,
journald and all services start sealed. It is compared with the same machine released."""

import shutil
import tempfile
from pathlib import Path

import machine
import pytest

SUITE, KERNEL_SUITE = "trixie", "sid"
KERNEL = "linux-image-cloud-amd64"
SLOWER = 1.15
NOISE = 1.10


@pytest.fixture(scope="module")
def boots(made_systems):
    """The same machine, adopted and then released."""
    if reason := machine.missing():
        pytest.skip(reason)
    system = made_systems(SUITE)
    system.install()
    system.succeed("sealctl", "adopt", "--system")
    install_kernel(system)
    verified = system.succeed("sh", "-c", "dpkg --verify | grep -v ' /usr/share/doc'; true")  # the root has no documents
    folder = Path(tempfile.mkdtemp(prefix="machine-", dir="/var/tmp"))
    try:
        adopted = machine.boot(system.path, folder)
        system.succeed("sealctl", "release", "--system")
        system.succeed("update-initramfs", "-u", timeout=600)
        released = machine.boot(system.path, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return adopted, released, verified


def install_kernel(system):
    """As an upgrade of the kernel does: its package makes an initramfs, here under ld-seal."""
    with system.with_apt_of(KERNEL_SUITE):
        system.succeed("apt-get", "install", "--yes", "--no-install-recommends", "initramfs-tools",
                       f"{KERNEL}/{KERNEL_SUITE}", timeout=1200)


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
