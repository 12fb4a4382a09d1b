"""The packages that tools/package makes, and what is in one."""

import dataclasses
import fcntl
import os
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

from loaders import PROJECT
from process import run

BUILD_SECONDS = 1200


@dataclasses.dataclass(frozen=True)
class DebFile:
    path: Path

    def field(self, name):
        result = run(["dpkg-deb", "--field", self.path, name])
        assert result.status == 0, result
        return result.out.strip()

    def members(self):
        """Every file and folder of the package."""
        return self._tar("--fsys-tarfile")

    def control(self):
        """The text of each control file by its name, and its mode."""
        with self._open("--ctrl-tarfile") as archive:
            return {member.name.removeprefix("./"): (archive.extractfile(member).read().decode(), member.mode)
                    for member in archive if member.isfile()}

    def read(self, path):
        with self._open("--fsys-tarfile") as archive:
            return archive.extractfile(f".{path}").read()

    def unpack(self, folder):
        result = run(["dpkg-deb", "--extract", self.path, folder])
        assert result.status == 0, result

    def _open(self, option):
        # Not by run(), which gives text.
        done = subprocess.run(["dpkg-deb", option, self.path], check=True, capture_output=True, timeout=60)
        return tarfile.open(fileobj=BytesIO(done.stdout))

    def _tar(self, option):
        with self._open(option) as archive:
            return archive.getmembers()


def build(project, output, *options, env=None):
    """Runs tools/package without its check of installed packages. Returns the packages by name and architecture."""
    result = run(["/usr/bin/python3", "-B", project / "tools/packaging/make.py", "--output", output, *options],
                 timeout=BUILD_SECONDS, env=env)
    assert result.status == 0, result
    return in_folder(output)


def in_folder(folder):
    found = {}
    for path in sorted(folder.glob("*.deb")):
        name, _, architecture = path.stem.split("_")
        found[name, architecture] = DebFile(path)
    return found


def built(folder, run_name):
    """The packages of what tools/build has built, packed by the first process of the run `run_name` that asks."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "run"
        if not done.exists() or done.read_text() != run_name:
            for old in folder.glob("*.deb"):
                old.unlink()
            build(PROJECT, folder, "--built")
            done.write_text(run_name)
    return in_folder(folder)


def tree(folder):
    """path -> (mode, link's target or None) of every file below a folder."""
    found = {}
    for parent, folders, files in os.walk(folder):
        for name in files + [each for each in folders if os.path.islink(os.path.join(parent, each))]:
            path = os.path.join(parent, name)
            target = os.readlink(path) if os.path.islink(path) else None
            found[path.removeprefix(str(folder))] = (None if target else os.stat(path).st_mode & 0o7777, target)
    return found
