#!/usr/bin/env python3
"""Runs every program of this machine with --version or --help under both loaders and reports what differs.

Not a test: what it finds depends on the machine. It asks programs nothing else than --version and --help, and it runs
them where a program that ignores its arguments can do no harm: in namespaces of their own (processes, network,
mounts), everything but one scratch folder read-only, without a display, without input, for at most ten seconds.

    tests/real/sweep.py [--loader PATH] [--only REGEX] [--command] [--jobs N] [FOLDER ...]
"""

import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1] / "lib")]

from loaders import loader as built_loader  # noqa: E402
from real_elf import copy_with_interpreter, interpreter, is_elf  # noqa: E402
from real_harness import SYSTEM_LOADER, run_in_group  # noqa: E402

FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/lib/llvm-14/bin", "/usr/lib/git-core", "/usr/lib/postgresql/15/bin",
           "/usr/lib/jvm/java-17-openjdk-amd64/bin", "/usr/lib/gcc/x86_64-linux-gnu/12", "/usr/games")
NEVER = re.compile(r"(reboot|halt|poweroff|shutdown|(tel)?init|runlevel|killall5?|pkill|kexec|ctrlaltdel|mkfs.*|mke2fs|"
                   r"fsck.*|e2fsck|rtcwake|swapo(n|ff)|(u|pivot_root|switch_root)?mount|modprobe|insmod|rmmod|sulogin|"
                   r"agetty|getty|login|su|sudo|passwd|chpasswd|vipw|vigr|user(add|del|mod)|group(add|del|mod)|"
                   r"wipefs|blkdiscard|hwclock|start-stop-daemon|unshare|nsenter|chroot)")
SECONDS = 10


def programs(folders: list[str], only: str | None) -> list[Path]:
    """Programs that name the system's loader; one for each file, whatever number of names it has."""
    found = {}
    for folder in folders:
        for path in sorted(Path(folder).glob("*")):
            if NEVER.fullmatch(path.name) or (only and not re.search(only, str(path))):
                continue
            if path.is_file() and os.access(path, os.X_OK) and is_elf(path):
                if interpreter(path) == str(SYSTEM_LOADER):
                    found.setdefault(path.resolve(), path)
    return sorted(found.values())


class Place:
    """A folder with both loaders, in which one program after another is tried."""

    def __init__(self, scratch: Path, loader: Path, as_command: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="w", dir=scratch))
        self.as_command = as_command
        self.loaders = {"wanted": SYSTEM_LOADER, "found": loader}
        self.slot = self.folder / "l"

    def run(self, program: Path, which: str, question: str) -> tuple[int, bytes, bytes]:
        shutil.copyfile(self.loaders[which], self.slot)
        self.slot.chmod(0o755)
        work = self.folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        if self.as_command:
            words = [str(self.slot), str(program), question]
        else:
            copy = work / program.name
            copy_with_interpreter(program, copy, self.slot)
            words = [str(copy), question]
        environment = {"PATH": "/usr/bin:/usr/sbin", "HOME": str(work), "TMPDIR": str(work), "LANG": "C.UTF-8",
                       "TZ": "UTC", "TERM": "dumb"}
        return run_in_group(words, work, environment, SECONDS)

    def compare(self, program: Path) -> str | None:
        """What differs, or None. A program that does not even agree with itself is only named."""
        for question in ("--version", "--help"):
            wanted = self.run(program, "wanted", question)
            found = self.run(program, "found", question)
            if is_without_library(wanted) and is_without_library(found):
                break
            if wanted != found and self.run(program, "found", question) != wanted:
                if self.run(program, "wanted", question) != wanted:
                    return f"unstable {program} {question}"
                return f"DIFFERS {program} {question}\n  wanted {shorten(wanted)}\n  found  {shorten(found)}"
            if wanted[0] == 0:
                break
        return None


def is_without_library(outcome: tuple[int, bytes, bytes]) -> bool:
    """A copy is not where the program's $ORIGIN leads; both loaders must refuse it, each in its own words."""
    return outcome[0] == 127 and b"cannot open shared object" in outcome[2]


def shorten(outcome: tuple[int, bytes, bytes]) -> str:
    status, stdout, stderr = outcome
    return f"status {status}, stdout {stdout[:200]!r} ({len(stdout)}), stderr {stderr[:400]!r}"


def sweep_share(arguments: argparse.Namespace, everything: list[Path]) -> list[str]:
    """One worker's part. A process, not a thread: a fork in between two threads would hold a fresh copy open for
    writing, and then it cannot be executed."""
    tempfile.tempdir = arguments.inside
    place = Place(Path(arguments.inside), Path(arguments.loader), arguments.command)
    return [report for report in map(place.compare, everything) if report]


def sweep(arguments: argparse.Namespace) -> int:
    everything = programs(arguments.folders or list(FOLDERS), arguments.only)
    with concurrent.futures.ProcessPoolExecutor(arguments.jobs) as pool:
        shares = [pool.submit(sweep_share, arguments, everything[index::arguments.jobs])
                  for index in range(arguments.jobs)]
        reports = sorted(report for share in shares for report in share.result())
    print("\n".join(reports))
    unstable = sum(report.startswith("unstable") for report in reports)
    print(f"{len(everything)} programs, {len(reports) - unstable} differ, {unstable} do not agree with themselves")
    return 1 if len(reports) > unstable else 0


def enter_namespaces(arguments: argparse.Namespace) -> int:
    """Start again inside, with one writable folder that is made and removed by this process."""
    scratch = tempfile.mkdtemp(prefix="sw", dir="/tmp")
    shell = ('mount --make-rprivate / && mount --bind "$1" "$1" && mount -o remount,ro,bind / && '
             'exec "$2" "$3" --inside "$1" "${@:4}"')
    words = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--mount-proc", "--kill-child"]
    words += [] if os.geteuid() == 0 else ["--map-root-user"]
    try:
        return subprocess.run([*words, "bash", "-c", shell, "sweep", scratch, sys.executable, __file__,
                               *sys.argv[1:]], cwd="/", stdin=subprocess.DEVNULL).returncode
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loader", default=str(built_loader("x86_64")), help="the loader to compare with the system's")
    parser.add_argument("--only", help="programs whose path matches this expression")
    parser.add_argument("--command", action="store_true", help="start programs as `loader program`, not by PT_INTERP")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    parser.add_argument("folders", nargs="*")
    arguments = parser.parse_args()
    if not Path(arguments.loader).exists():
        parser.error(f"{arguments.loader} does not exist")
    arguments.loader = str(Path(arguments.loader).absolute())
    return sweep(arguments) if arguments.inside else enter_namespaces(arguments)


if __name__ == "__main__":
    sys.exit(main())
