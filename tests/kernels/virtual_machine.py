"""Boots a kernel with an initramfs under qemu-system's emulator and reads what guest/init.c tells on the console."""

import dataclasses
import re
import shutil

from process import TimedOut, run

BOOT_SECONDS = 600  # a guest takes about half a minute; much more where other work runs beside it
MEMORY = "512M"


class GuestBroken(AssertionError):
    """The guest did not come to its end; the text holds the end of its console."""


@dataclasses.dataclass
class Outcome:
    """What one case did: `status` as in process.Result, and its outputs' lines."""

    status: int = None
    out: list = dataclasses.field(default_factory=list)
    err: list = dataclasses.field(default_factory=list)

    def __str__(self):
        return "\n".join([f"status {self.status}", "--- standard output", *self.out, "--- standard error", *self.err])


@dataclasses.dataclass
class Report:
    release: str
    machine: str
    page_size: int
    outcomes: dict


def missing_emulator(kernel):
    """Why no guest of this machine can run here, or None."""
    program = kernel.emulator()[0]
    return None if shutil.which(program) else f"{program} is missing: tools/setup tools/packages-kernels.txt"


def boot(kernel, image, initramfs):
    """Runs the guest until it turns itself off, and returns the lines that init told."""
    # A panic ends the emulator, since it may not reboot; only what is worse than an error goes to the console.
    parameters = f"console={kernel.console} loglevel=3 panic=-1 mitigations=off"
    command = [*kernel.emulator(), "-m", MEMORY, "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio",
               "-kernel", image, "-initrd", initramfs, "-append", parameters]
    try:
        result = run(command, timeout=BOOT_SECONDS)
    except TimedOut as reason:
        raise GuestBroken(f"{kernel.name}: {str(reason)[-4000:]}") from None
    lines = [line.rstrip("\r") for line in result.out.split("\n")]
    if result.status != 0 or "guest: done" not in lines:
        raise GuestBroken(f"{kernel.name} ended early: {str(result)[-4000:]}")
    return [line.removeprefix("guest: ") for line in lines if line.startswith("guest: ")]


def read_report(lines):
    """The Report that those lines make."""
    report, current = None, None
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "kernel":
            release, machine, page_size = rest.split()
            report = Report(release, machine, int(page_size), {})
        elif word == "case":
            current = report.outcomes[rest] = Outcome()
        elif word in ("out", "err"):
            getattr(current, word).append(_unescaped(rest))
        elif word in ("exit", "signal"):
            current.status = int(rest) if word == "exit" else -int(rest)
    return report


def _unescaped(text):
    return re.sub(r"\\x([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), text)
