"""One .deb: the files that its contents list names, its control files, and the call of dpkg-deb."""

import hashlib
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from program_build import Failure, run

SCRIPTS = ("preinst", "postinst", "prerm", "postrm")


@dataclass(frozen=True)
class Entry:
    """A line of a contents list. `kind` is a mode like 0755, or what a symbolic link leads to."""

    kind: str
    path: str  # without the slash before it

    @property
    def mode(self):
        return int(self.kind, 8) if self.kind.isdigit() else None


def replaced(text, words):
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    return text


def read_contents(text):
    """The entries of a contents list: `MODE PATH | WHAT` or `TARGET PATH | WHAT`."""
    lines = [line.partition("|")[0].split() for line in text.splitlines() if line and not line.startswith("#")]
    return [Entry(kind, path.removeprefix("/")) for kind, path in lines]


class Package:
    """A package that is described by a folder: its contents list, its control file, and scripts if it has any."""

    def __init__(self, folder, words):
        self._folder = folder
        self._words = words
        self.entries = read_contents(replaced((folder / "contents").read_text(), words))

    def pack(self, tree, release, work, output):
        """Packs what it lists of `tree`. `work` is a folder for it. Returns the package's file."""
        root = work / self._folder.name
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        for entry in self.entries:
            self._copy(tree, root, entry)
        self._write_control(root)
        set_times(root, release.epoch)
        for older in output.glob(f"{self._folder.name}_*_{self._words['ARCHITECTURE']}.deb"):
            older.unlink()
        name = f"{self._folder.name}_{release.version}_{self._words['ARCHITECTURE']}.deb"
        # One thread: how xz divides its input must not depend on the number of processors.
        run(["dpkg-deb", "--build", "--root-owner-group", "-Zxz", "--threads-max=1", root, output / name],
            env={**os.environ, "SOURCE_DATE_EPOCH": str(release.epoch)})
        return output / name

    def _copy(self, tree, root, entry):
        source, target = tree / entry.path, root / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        if entry.mode is None:
            if not source.is_symlink() or os.readlink(source) != entry.kind:
                raise Failure(f"/{entry.path}: is not installed as a link to {entry.kind}")
            target.symlink_to(entry.kind)
            return
        if source.is_symlink() or not source.is_file():
            raise Failure(f"/{entry.path}: is in the list of {self._folder.name} and is not installed as a file")
        mode = stat.S_IMODE(source.stat().st_mode)
        if mode != entry.mode:
            raise Failure(f"/{entry.path}: is installed with mode {mode:04o} and not {entry.mode:04o}")
        shutil.copy(source, target)

    def _write_control(self, root):
        files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
        settings = [path for path in files if path.is_relative_to(root / "etc")]  # the administrator may change them
        control = root / "DEBIAN"
        control.mkdir()
        text = replaced((self._folder / "control").read_text(), self._words)
        size = sum(-(-path.stat().st_size // 1024) for path in files)
        size += sum(1 for path in root.rglob("*") if path.is_symlink() or path.is_dir())
        head, _, rest = text.partition("Depends:")
        (control / "control").write_text(f"{head}Installed-Size: {size}\nDepends:{rest}")
        sums = [f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n" for path in files
                if path not in settings]
        (control / "md5sums").write_text("".join(sums))
        if settings:
            (control / "conffiles").write_text("".join(f"/{path.relative_to(root)}\n" for path in settings))
        for name in (*SCRIPTS, "triggers"):
            if (self._folder / name).exists():
                shutil.copy(self._folder / name, control / name)
        for path in control.iterdir():
            path.chmod(0o755 if path.name in SCRIPTS else 0o644)


def set_times(root, epoch):
    for path in [root, *root.rglob("*")]:
        os.utime(path, (epoch, epoch), follow_symlinks=False)
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
