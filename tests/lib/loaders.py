"""Where the loaders under test are, and the ways to start a program with them.

    from loaders import loader, launchers

    loader("x86_64")          Path of the built loader; LDSEAL_LOADER_X86_64 and LDSEAL_LOADER_AARCH64 override it
    launchers("x86_64")       every Launcher for programs of that machine on this host
    launcher.command(program, *arguments, folder=tmp_path)    the command line to run
"""

import dataclasses
import os
import platform
import shutil
from pathlib import Path

from process import run

PROJECT = Path(__file__).resolve().parents[2]
MACHINES = ("x86_64", "aarch64")
SYSTEM_LOADERS = {"x86_64": Path("/lib64/ld-linux-x86-64.so.2"),
                  "aarch64": Path("/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1")}
BUILDS = {"x86_64": "build", "aarch64": "build-aarch64"}


def loader(machine):
    """The loader under test. The file need not exist: a test that needs it fails then, it does not skip."""
    override = os.environ.get(f"LDSEAL_LOADER_{machine.upper()}")
    return Path(override or PROJECT / BUILDS[machine] / "ldso" / f"ld-seal-{machine}.so.1").absolute()


def emulator(machine):
    """The command to put before a program of `machine` to run it here; empty if the host runs it."""
    return () if platform.machine() == machine else (f"qemu-{machine}",)


@dataclasses.dataclass(frozen=True)
class Launcher:
    """One way to start a program: by the loader as a command, or by a copy that names it as PT_INTERP."""

    name: str
    machine: str
    as_interpreter: bool
    loader: Path

    def command(self, program, *arguments, folder):
        """The command line that runs `program`; a copy with another PT_INTERP is made in `folder`."""
        if self.as_interpreter:
            start = (with_interpreter(program, self.loader, folder),)
        else:
            start = (self.loader, program)
        return (*emulator(self.machine), *start, *arguments)


def launchers(machine):
    return [Launcher(f"{machine}-interpreter", machine, True, loader(machine)),
            Launcher(f"{machine}-command", machine, False, loader(machine))]


def with_interpreter(program, interpreter, folder):
    """A copy of `program` in `folder` whose PT_INTERP names `interpreter`; its own folder is no longer $ORIGIN."""
    copy = Path(folder) / Path(program).name
    if copy.resolve() == Path(program).resolve():
        raise ValueError(f"{copy} would be changed in place")
    shutil.copy(program, copy)
    copy.chmod(0o755)
    result = run(["patchelf", "--set-interpreter", interpreter, copy])
    if result.status != 0:
        raise RuntimeError(str(result))
    return copy
