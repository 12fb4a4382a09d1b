"""Boots a Debian's own kernel with its own initramfs under QEMU's emulator, from a disk made of the root folder."""

import dataclasses
import shutil
import subprocess

import booted
from process import TimedOut, run

BOOT_SECONDS = 1800
DISK_SIZE = "6G"
MEMORY = "1536M"
# Without cmpxchg16b: with it a guest can oops under QEMU's emulator.
EMULATORS = {
    "x86_64": ["qemu-system-x86_64", "-M", "q35", "-cpu", "max,-cx16", "-append", "console=ttyS0 {}"],
    "aarch64": ["qemu-system-aarch64", "-M", "virt", "-cpu", "max,pauth-impdef=on", "-append", "console=ttyAMA0 {}"],
}
# A busy machine that emulates another may take longer for the start of a unit than systemd waits.
PARAMETERS = ("root=/dev/vda rw quiet panic=-1 mitigations=off systemd.show_status=no systemd.default_timeout_start_sec=300 "
              "systemd.default_device_timeout_sec=300")


@dataclasses.dataclass(frozen=True)
class Booted:
    observed: booted.Observed
    kernel: str  # its release
    seconds: float  # from the kernel's first instant to the end of the start of all units


def missing(machine="x86_64"):
    """Why no machine can be booted here, or None."""
    for program in (EMULATORS[machine][0], "mkfs.ext4", "debugfs"):
        if shutil.which(program) is None:
            return f"{program} is missing: tools/setup tools/packages-kernels.txt tools/packages-debian.txt"
    return None


def boot(root, folder, machine="x86_64"):
    """Boots the system at `root`, whose newest kernel it takes, until it switches itself off. The disk is in `folder`."""
    disk, console = folder / "disk", folder / "console"
    shutil.rmtree(root / "var/lib/observed", ignore_errors=True)
    disk.unlink(missing_ok=True)
    made = run(["mkfs.ext4", "-q", "-F", "-d", root, disk, DISK_SIZE], timeout=600)
    assert made.status == 0, made
    kernel = max(root.glob("boot/vmlinu[xz]-*"), key=lambda path: path.stat().st_mtime)
    release = kernel.name.split("-", 1)[1]
    command = [word.format(PARAMETERS) for word in EMULATORS[machine]] + [
        "-accel", "tcg", "-smp", "2", "-m", MEMORY, "-nodefaults", "-display", "none", "-no-reboot", "-serial", f"file:{console}",
        "-kernel", kernel, "-initrd", root / f"boot/initrd.img-{release}",
        "-drive", f"file={disk},format=raw,if=virtio,cache=unsafe"]
    try:
        done = run(command, timeout=BOOT_SECONDS)
    except TimedOut:
        raise booted.NotBooted(f"not off after {BOOT_SECONDS} s: {_end_of(console)}") from None
    observed = folder / "observed"
    shutil.rmtree(observed, ignore_errors=True)
    subprocess.run(["debugfs", "-R", f"rdump /var/lib/observed {folder}", disk], capture_output=True, timeout=120, check=True)
    if not (observed / "done").exists():
        raise booted.NotBooted(f"status {done.status}: {done.err[-1000:]} {_end_of(console)}")
    seconds = int((observed / "finished").read_text()) / 1e6
    return Booted(booted.read(observed), (observed / "kernel").read_text().strip(), seconds)


def _end_of(console):
    return console.read_text(errors="replace")[-3000:] if console.exists() else ""
