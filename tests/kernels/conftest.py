"""The guests of the kernels whose tests were chosen: booted two at a time, once for all tests of a run."""

import concurrent.futures
import contextlib
import fcntl
import json
import os
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("programs", "seal", "hatch", "crt")]

import guest_image  # noqa: E402  (needs the paths above)
import virtual_machine  # noqa: E402
from kernel_table import KERNELS  # noqa: E402
from roots import RootUnavailable  # noqa: E402

TOGETHER = 2


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.kernels)


@pytest.fixture(params=KERNELS, ids=lambda kernel: kernel.name)
def kernel(request):
    """One after the other, every kernel of the table."""
    return request.param


@pytest.fixture
def report(kernel, guests):
    """What the guest of `kernel` told. Skips if kernel, libc or emulator cannot be had; fails if the guest broke."""
    told = json.loads((guests / f"{kernel.name}.json").read_text())
    if "missing" in told:
        pytest.skip(told["missing"])
    assert "broken" not in told, told["broken"]
    return virtual_machine.read_report(told["console"])


@pytest.fixture(scope="session")
def guests(request, tmp_path_factory):
    """The folder with what each guest told. The first process to ask boots them; with xdist the others wait."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder = folder / "guests"
    folder.mkdir(exist_ok=True)
    with locked(folder / "lock"):
        if not (folder / "done").exists():
            boot_all(chosen_kernels(request.session.items), folder)
            (folder / "done").touch()
    return folder


@contextlib.contextmanager
def locked(path):
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def chosen_kernels(items):
    """The kernels that the tests of this run are about."""
    asked = {item.callspec.params["kernel"].name for item in items
             if item.get_closest_marker("kernels") and "kernel" in item.fixturenames}
    return [kernel for kernel in KERNELS if kernel.name in asked]


def boot_all(kernels, folder):
    programs = {}
    for machine in {kernel.machine for kernel in kernels}:
        (folder / machine).mkdir()
        programs[machine] = guest_image.build_programs(machine, folder / machine)

    def boot_one(kernel):
        (folder / f"{kernel.name}.json").write_text(json.dumps(tell_of(kernel, programs[kernel.machine], folder)))

    with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
        list(pool.map(boot_one, kernels))


def tell_of(kernel, programs, folder):
    """{"console": lines}, or why there is none: {"missing": reason} or {"broken": text}."""
    missing = virtual_machine.missing_emulator(kernel)
    if missing:
        return {"missing": missing}
    initramfs = folder / f"{kernel.name}.cpio"
    try:
        image = kernel.fetch()
        guest_image.write_initramfs(kernel, programs, initramfs)
    except RootUnavailable as reason:
        return {"missing": str(reason)}
    try:
        return {"console": virtual_machine.boot(kernel, image, initramfs)}
    except virtual_machine.GuestBroken as reason:
        return {"broken": str(reason)}
    finally:
        initramfs.unlink()
