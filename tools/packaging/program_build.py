"""Builds ldseal for one architecture and installs it into a folder, in such a way that every build gives the same."""

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BUILD_SECONDS = 30 * 60


class Failure(Exception):
    """What went wrong, in one line or with the output of the program that failed."""


@dataclass(frozen=True)
class Architecture:
    machine: str  # as the kernel, the compiler and ld-seal call it
    interpreter_folder: str  # of /usr, with the name that is in PT_INTERP
    interpreter_target: str  # what the link there holds
    cross_file: str
    tests_folder: str  # where tools/build builds for the tests


ARCHITECTURES = {
    "amd64": Architecture("x86_64", "lib64", "../lib/x86_64-linux-gnu/ld-seal-x86_64.so.1", "", "build"),
    "arm64": Architecture("aarch64", "lib", "aarch64-linux-gnu/ld-seal-aarch64.so.1", "tools/aarch64.ini",
                          "build-aarch64"),
}
# The file of each shell, and where it is installed.
COMPLETIONS = {"sealctl": "usr/share/bash-completion/completions", "_sealctl": "usr/share/zsh/vendor-completions",
               "sealctl.fish": "usr/share/fish/vendor_completions.d"}


def host_architecture():
    for name, architecture in ARCHITECTURES.items():
        if architecture.machine == platform.machine():
            return name
    raise Failure(f"{platform.machine()}: ldseal cannot be built on this machine")


def run(command, **options):
    """The output of a command. Its whole output is in the failure if it fails."""
    command = [str(word) for word in command]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=BUILD_SECONDS, **options)
    except OSError as error:
        raise Failure(f"{command[0]}: cannot run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise Failure(f"{' '.join(command)}: not done after {BUILD_SECONDS} s") from None
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)}: failed with {done.returncode}:\n{done.stdout}")
    return done.stdout


class Build:
    """A build folder of one architecture. `native` is the build for this machine, if this is another machine's.

    It is a folder of its own, in which all is built; or, with `is_built`, the one that tools/build has built.
    """

    def __init__(self, architecture, release, native=None, is_built=False):
        self.architecture = architecture
        self.machine = ARCHITECTURES[architecture].machine
        self.multiarch = f"{self.machine}-linux-gnu"
        self.interpreter_folder = ARCHITECTURES[architecture].interpreter_folder
        self.interpreter_target = ARCHITECTURES[architecture].interpreter_target
        self._cross_file = ARCHITECTURES[architecture].cross_file
        self._native = native
        self._environment = {**os.environ, "SOURCE_DATE_EPOCH": str(release.epoch), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        self._is_built = is_built
        self.folder = PROJECT / (ARCHITECTURES[architecture].tests_folder if is_built else f"build-package-{architecture}")
        if native is not None and not self._cross_file:
            raise Failure(f"{architecture}: can be built on a machine of that architecture only")

    def ninja(self, *goals):
        if self._is_built:
            return
        if not (self.folder / "build.ninja").exists():
            self._configure()
        run(["ninja", "-C", self.folder, *goals], env=self._environment)

    def install(self):
        """Builds everything that is installed. Returns the folder that stands for the root of a system."""
        self.ninja()
        tree = self.folder / "installed"
        shutil.rmtree(tree, ignore_errors=True)
        run(["meson", "install", "-C", self.folder, "--no-rebuild"], env={**self._environment, "DESTDIR": str(tree)})
        if self._native is not None:
            self._add_completions(tree)
        return tree

    def _add_completions(self, tree):
        """Those of the native sealctl: they are the same for all machines."""
        self._native.ninja(*(f"tools/packaging/{file}" for file in COMPLETIONS))
        for file, folder in COMPLETIONS.items():
            target = tree / folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._native.folder / "tools/packaging" / file, target)

    def _configure(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        command = ["meson", "setup", self.folder, PROJECT, "--native-file", PROJECT / "tools/native.ini",
                   "--prefix=/usr", f"--libdir=lib/{self.multiarch}", "--buildtype=debugoptimized", "-Dtrying=true"]
        if self._native is not None:
            command += ["--cross-file", PROJECT / self._cross_file]
        run(command, env=self._environment)

    def inputs_of_sealctl(self):
        """Every file outside the tree that sealctl is made of: headers, and objects and libraries that are linked."""
        words = run(["ninja", "-C", self.folder, "-t", "deps"]).splitlines()
        headers, is_sealctls = set(), False
        for line in words:
            if line and not line.startswith(" "):
                is_sealctls = line.startswith("tools/sealctl.p/")
            elif is_sealctls:
                headers.add(line.strip())
        linked = (self.folder / "tools/sealctl.inputs").read_text().replace("\\\n", " ").split(":", 1)[1].split()
        paths = {Path(self.folder, name).resolve() for name in headers | set(linked)}
        return sorted(path for path in paths if not path.is_relative_to(PROJECT))

    def tools(self):
        """The versions of the programs that build."""
        clang = re.search(r"clang version (\S+)", run(["clang++", "--version"]))[1]
        return {"clang": clang, "lld": re.search(r"LLD (\S+)", run(["ld.lld", "--version"]))[1],
                "meson": run(["meson", "--version"]).strip(), "ninja": run(["ninja", "--version"]).strip()}
