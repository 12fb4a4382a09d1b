#!/usr/bin/env python3
"""Runs every program of this machine with --version or --help under both loaders and reports what differs.

Not a test: what it finds depends on the machine. It asks programs nothing else than --version and --help, and it runs
them where a program that ignores its arguments can do no harm: in namespaces of their own (processes, network,
mounts), everything but one scratch folder read-only, without a display, without input, for at most ten seconds.

    tests/real/sweep.py [--loader PATH] [--only REGEX] [--command | --system] [--some N] [--jobs N] [FOLDER ...]

Programs start as copies that name the loader, with --command as `loader program`, and with --system as they are, where
the system's loader has the loader under test in its place: then what they start runs under it, too.
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
from real_harness import NO_END, SYSTEM_LOADER, run_in_group  # noqa: E402

FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/lib/llvm-14/bin", "/usr/lib/git-core", "/usr/lib/postgresql/15/bin",
           "/usr/lib/jvm/java-17-openjdk-amd64/bin", "/usr/lib/gcc/x86_64-linux-gnu/12", "/usr/games")
NEVER = re.compile(r"(reboot|halt|poweroff|shutdown|(tel)?init|runlevel|killall5?|pkill|kexec|ctrlaltdel|mkfs.*|mke2fs|"
                   r"fsck.*|e2fsck|rtcwake|swapo(n|ff)|(u|pivot_root|switch_root)?mount|modprobe|insmod|rmmod|sulogin|"
                   r"agetty|getty|login|su|sudo|passwd|chpasswd|vipw|vigr|user(add|del|mod)|group(add|del|mod)|"
                   r"wipefs|blkdiscard|hwclock|start-stop-daemon|unshare|nsenter|chroot)")
IN_NAMESPACE_OF_ITS_OWN = re.compile(r"(reboot|halt|poweroff|shutdown|(tel)?init|runlevel)")  # --system: even there
SECONDS = 10
# The folder of the system's loader has another one over it, and the program sees no process but its own.
IN_PLACE_OF_THE_SYSTEMS = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
                           "--mount-proc", "dash", "-c", 'mount --bind "$0" "$1" && shift && exec "$@"')
NUMBERS = re.compile(rb"\b(0x)?[0-9a-f]*[0-9][0-9a-f]*\b", re.IGNORECASE)


def programs(folders: list[str], only: str | None, never: re.Pattern = NEVER) -> list[Path]:
    """Programs that name the system's loader; one for each file, whatever number of names it has."""
    found = {}
    for folder in folders:
        for path in sorted(Path(folder).glob("*")):
            if never.fullmatch(path.name) or (only and not re.search(only, str(path))):
                continue
            if path.is_file() and os.access(path, os.X_OK) and is_elf(path):
                if interpreter(path) == str(SYSTEM_LOADER):
                    found.setdefault(path.resolve(), path)
    return sorted(found.values())


def some(everything: list[Path], count: int | None) -> list[Path]:
    if count is None or count >= len(everything):
        return everything
    return [everything[number * len(everything) // count] for number in range(count)]


class Place:
    """A folder in which one program after another is tried under both loaders."""

    questions_after_an_answer = False

    def __init__(self, scratch: Path, loader: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="w", dir=scratch))
        self.loaders = {"wanted": SYSTEM_LOADER, "found": loader}
        self.slot = self.folder / "l"
        self.work = self.folder / "work"

    def words(self, program: Path, which: str) -> list[str]:
        """What starts the program."""
        self.fill_slot(which)
        copy = self.work / program.name
        copy_with_interpreter(program, copy, self.slot)
        return [str(copy)]

    def fill_slot(self, which: str) -> None:
        shutil.copyfile(self.loaders[which], self.slot)
        self.slot.chmod(0o755)

    def run(self, program: Path, which: str, question: str) -> tuple[int, bytes, bytes]:
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir()
        environment = {"PATH": "/usr/bin:/usr/sbin", "HOME": str(self.work), "TMPDIR": str(self.work),
                       "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "dumb"}
        return run_in_group([*self.words(program, which), question], self.work, environment, SECONDS)

    def compare(self, program: Path) -> list[str]:
        """What differs. A program that does not even agree with itself is only named."""
        reports = []
        for question in ("--version", "--help"):
            wanted = self.run(program, "wanted", question)
            if wanted[0] == NO_END:
                return [*reports, f"no end   {program} {question}"]
            found = self.run(program, "found", question)
            if is_without_library(wanted) and is_without_library(found):
                break
            if wanted != found:
                reports.append(self.judge(program, question, wanted, found))
            if wanted[0] == 0 and not self.questions_after_an_answer:
                break
        return [report for report in reports if report]

    def judge(self, program: Path, question: str, wanted: tuple, found: tuple) -> str | None:
        """The system's loader once more: where it does not agree with itself in numbers, numbers do not count."""
        again = self.run(program, "wanted", question)
        if found == again or self.run(program, "found", question) == wanted:
            return None
        if again != wanted:
            same = without_numbers(wanted) == without_numbers(found) or without_numbers(again) == without_numbers(found)
            return f"{'numbers ' if same else 'unstable'} {program} {question}"
        return f"DIFFERS {program} {question}\n  wanted {shorten(wanted)}\n  found  {shorten(found)}"


class CommandPlace(Place):
    def words(self, program: Path, which: str) -> list[str]:
        self.fill_slot(which)
        return [str(self.slot), str(program)]


class SystemPlace(Place):
    """The loaders lie in two folders under the name of the system's. libc's rtld keeps its other name."""

    questions_after_an_answer = True

    def __init__(self, scratch: Path, loader: Path) -> None:
        super().__init__(scratch, loader)
        self.folders = {which: self.folder / which for which in self.loaders}
        for which, folder in self.folders.items():
            folder.mkdir()
            shutil.copy(self.loaders[which], folder / SYSTEM_LOADER.name)

    def words(self, program: Path, which: str) -> list[str]:
        return [*IN_PLACE_OF_THE_SYSTEMS, str(self.folders[which]), str(SYSTEM_LOADER.parent), str(program)]


def form(arguments: argparse.Namespace) -> type[Place]:
    return SystemPlace if arguments.system else CommandPlace if arguments.command else Place


def is_without_library(outcome: tuple[int, bytes, bytes]) -> bool:
    """A copy is not where the program's $ORIGIN leads; both loaders must refuse it, each in its own words."""
    return outcome[0] == 127 and b"cannot open shared object" in outcome[2]


def without_numbers(outcome: tuple[int, bytes, bytes]) -> tuple[int, bytes, bytes]:
    return outcome[0], NUMBERS.sub(b"#", outcome[1]), NUMBERS.sub(b"#", outcome[2])


def shorten(outcome: tuple[int, bytes, bytes]) -> str:
    status, stdout, stderr = outcome
    return f"status {status}, stdout {stdout[:200]!r} ({len(stdout)}), stderr {stderr[:400]!r}"


def sweep_share(arguments: argparse.Namespace, everything: list[Path]) -> list[str]:
    """One worker's part. A process, not a thread: a fork in between two threads would hold a fresh copy open for
    writing, and then it cannot be executed."""
    tempfile.tempdir = arguments.inside
    place = form(arguments)(Path(arguments.inside), Path(arguments.loader))
    return [report for program in everything for report in place.compare(program)]


def sweep(arguments: argparse.Namespace) -> int:
    never = IN_NAMESPACE_OF_ITS_OWN if arguments.system else NEVER
    everything = some(programs(arguments.folders or list(FOLDERS), arguments.only, never), arguments.some)
    with concurrent.futures.ProcessPoolExecutor(arguments.jobs) as pool:
        shares = [pool.submit(sweep_share, arguments, everything[index::arguments.jobs])
                  for index in range(arguments.jobs)]
        reports = sorted(report for share in shares for report in share.result())
    print("\n".join(reports))
    differing = sum(report.startswith("DIFFERS") for report in reports)
    print(f"{len(everything)} programs: {differing} answers differ, {len(reports) - differing} cannot be compared")
    return 1 if differing else 0


def enter_namespaces(arguments: argparse.Namespace) -> int:
    """Start again inside, with one writable folder that is made and removed by this process."""
    scratch = tempfile.mkdtemp(prefix="sw", dir="/tmp")
    shell = ('mount --make-rprivate / && mount --bind "$1" "$1" && mount -o remount,ro,bind / && '
             'exec "$2" "$3" --inside "$1" "${@:4}"')
    words = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--mount-proc", "--kill-child"]
    words += [] if os.geteuid() == 0 else ["--map-root-user"]
    try:
        return subprocess.run([*words, "bash", "-c", shell, "sweep", scratch, sys.executable, __file__,
                               *sys.argv[1:], "--loader", arguments.loader], cwd="/", stdin=subprocess.DEVNULL).returncode
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loader", default=str(built_loader("x86_64")), help="the loader to compare with the system's")
    parser.add_argument("--only", help="programs whose path matches this expression")
    parser.add_argument("--command", action="store_true", help="start programs as `loader program`, not by PT_INTERP")
    parser.add_argument("--system", action="store_true", help="put the loader in the place of the system's")
    parser.add_argument("--some", type=int, help="only that many programs, from all over the order of their names")
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
