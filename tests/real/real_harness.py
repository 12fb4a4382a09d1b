"""Runs real programs under one loader after another, in places that look the same to the program.

Both loaders are copied, one after the other, to the same path (the slot), and both runs use the
same working folder: so paths need no normalising, and /proc/self/exe or argv[0] cannot differ.
"""

import hashlib
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Mapping

from loaders import SYSTEM_LOADERS
from real_elf import copy_with_interpreter
from roots import packages_root

FILES = Path(__file__).resolve().parent / "files"
SYSTEM_LOADER = SYSTEM_LOADERS["x86_64"]
MUSL_LOADER = Path("/lib/ld-musl-x86_64.so.1")

BY_INTERPRETER = "as PT_INTERP"
AS_COMMAND = "as a command"
NO_END = -1  # the status of what did not end in time
LAUNCHES = (BY_INTERPRETER, AS_COMMAND)


@dataclass(frozen=True)
class Case:
    """One piece of real work.

    The script is run by the system's own shell; in it `$name` stands for the words that start the
    program `name` under the loader (characters outside [a-zA-Z0-9] become `_`).
    """

    name: str
    programs: tuple[str, ...]
    script: str
    package: str
    says: tuple[str, ...] = ()
    status: int = 0
    timeout: float = 60
    environment: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[tuple[str, str], ...] = ()
    ignored_files: tuple[str, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)
    opens_libraries: tuple[str, ...] = ()
    """The programs of this case that open libraries by dlopen while they work."""
    needs: tuple[str, ...] = ()
    """Further programs that the script calls and a small machine may lack."""
    unpacked: tuple[str, ...] = ()
    """Debian packages that are not to be installed, as services are: they are unpacked in a folder, which the script
    knows as $ROOT. A program in it is named "ROOT/usr/bin/…"."""
    as_root: bool = False
    slow: bool = False
    """Takes half a minute or more: not for a quick pass, and what it opens is not measured."""
    launches: tuple[str, ...] = LAUNCHES
    """A program that finds its installation through /proc/self/exe only cannot run as a command of any loader."""


def folder_of_packages(case: Case) -> Path:
    """Where the packages of `case` are unpacked. Raises RootUnavailable."""
    return packages_root(f"real-{case.name}", "bookworm", "amd64", list(case.unpacked)).path


def paths_of(case: Case) -> list[str]:
    """The programs of `case`, wherever they are."""
    root = folder_of_packages(case) if case.unpacked else None
    return [str(root / program[len("ROOT/"):]) if program.startswith("ROOT/") else program for program in case.programs]


@dataclass(frozen=True)
class Outcome:
    """All that a user can see of a run."""

    status: int
    stdout: str
    stderr: str
    files: Mapping[str, str]


class LoaderSlot:
    """A short path that holds one loader at a time; short, so that it fits into any PT_INTERP."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ldr", dir="/tmp"))
        self.folder.chmod(0o755)  # for programs that give up their privileges
        self.path = self.folder / "ld.so.1"

    def install(self, loader: Path) -> None:
        new = self.folder / "new"
        shutil.copyfile(loader, new)
        new.chmod(0o755)
        os.replace(new, self.path)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class ProgramCopies:
    """Copies of programs whose PT_INTERP is the slot; each is made once, big ones are big."""

    def __init__(self, slot: LoaderSlot) -> None:
        self._slot = slot
        self._folder = Path(tempfile.mkdtemp(prefix="copies", dir="/tmp"))

    def copy_of(self, program: str) -> Path:
        folder = self._folder / hashlib.sha256(program.encode()).hexdigest()[:12]
        copy = folder / Path(program).name
        if not copy.exists():
            folder.mkdir(exist_ok=True)
            unfinished = folder / "unfinished"
            copy_with_interpreter(Path(program), unfinished, self._slot.path)
            unfinished.rename(copy)
        return copy

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


class Bench:
    """One folder in which a case is run, cleaned before every run."""

    def __init__(self, slot: LoaderSlot, copies: ProgramCopies) -> None:
        self.slot = slot
        self._copies = copies
        self.folder = Path(tempfile.mkdtemp(prefix="real", dir="/tmp"))
        self.work = self.folder / "work"
        self.programs = self.folder / "bin"

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, case: Case, loader: Path, launch: str, extra: Mapping[str, str] | None = None) -> Outcome:
        self.slot.install(loader)
        self._prepare(case, launch)
        environment = self._environment(case, launch) | dict(extra or {})
        status, stdout, stderr = run_in_group(
            ["/bin/dash", "-c", case.script], self.work, environment, case.timeout)
        return Outcome(status, _changed(stdout, case), _changed(stderr, case), self._produced(case))

    def _prepare(self, case: Case, launch: str) -> None:
        for old in (self.work, self.programs):
            shutil.rmtree(old, ignore_errors=True)
        given = FILES / case.name
        if given.is_dir():
            shutil.copytree(given, self.work)
        self.work.mkdir(exist_ok=True)
        (self.work / "home").mkdir()
        (self.work / "tmp").mkdir()
        self.programs.mkdir()
        if launch == BY_INTERPRETER:
            for program in paths_of(case):
                os.link(self._copies.copy_of(program), self.programs / Path(program).name)
            for name, target in case.beside.items():
                link = self.folder / name
                link.unlink(missing_ok=True)
                link.symlink_to(target)

    def _environment(self, case: Case, launch: str) -> dict[str, str]:
        path = "/usr/bin:/bin:/usr/sbin:/sbin"
        if launch == BY_INTERPRETER:
            path = f"{self.programs}:{path}"
        environment = {
            "PATH": path, "HOME": str(self.work / "home"), "TMPDIR": str(self.work / "tmp"),
            "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "dumb", "COLUMNS": "120", "LINES": "40",
            "USER": "somebody", "LOGNAME": "somebody", "SOURCE_DATE_EPOCH": "1000000000",
        }
        for program in paths_of(case):
            variable = re.sub(r"[^a-zA-Z0-9]", "_", Path(program).name)
            if launch == BY_INTERPRETER:
                environment[variable] = str(self.programs / Path(program).name)
            else:
                environment[variable] = f"{self.slot.path} {program}"
        if case.unpacked:
            environment["ROOT"] = str(folder_of_packages(case))
        return environment | dict(case.environment)

    def _produced(self, case: Case) -> dict[str, str]:
        """What every file, link and folder below the working folder came out as."""
        found = {}
        for path in sorted(self.work.rglob("*")):
            name = str(path.relative_to(self.work))
            if not any(re.fullmatch(pattern, name) for pattern in case.ignored_files):
                found[name] = _fingerprint(path)
        return found


def _fingerprint(path: Path) -> str:
    info = path.lstat()
    mode = f"{info.st_mode:o}"
    if stat.S_ISLNK(info.st_mode):
        return f"{mode} -> {os.readlink(path)}"
    if stat.S_ISREG(info.st_mode):
        return f"{mode} {info.st_size} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    return mode


def _changed(text: bytes, case: Case) -> str:
    result = text.decode("utf-8", "backslashreplace")
    for pattern, replacement in case.changes:
        result = re.sub(pattern, replacement, result, flags=re.MULTILINE)
    return result


def run_in_group(words: list[str], folder: Path, environment: Mapping[str, str],
                 timeout: float) -> tuple[int, bytes, bytes]:
    """Run to the end or to the timeout, and leave no process of the group behind."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            words, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL,
            stdout=stdout, stderr=stderr, start_new_session=True)
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            status = NO_END
            stderr.seek(0, os.SEEK_END)
            stderr.write(f"\n[no end within {timeout} seconds]\n".encode())
        finally:
            _kill_group(process)
        stdout.seek(0)
        stderr.seek(0)
        return status, stdout.read(), stderr.read()


def _kill_group(process: subprocess.Popen) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
