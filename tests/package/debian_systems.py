"""Small Debian systems, made by mmdebstrap once and kept below build/roots; a test gets a copy of one."""

import contextlib
import fcntl
import os
import shutil
from pathlib import Path

import emulated
import roots
from process import run

HERE = "amd64"
MAKE_SECONDS = 600
MAKE_EMULATED_SECONDS = 1800


class Unavailable(Exception):
    """The system cannot be made here; the text says why."""


class System:
    """A root folder. Programs in it see /proc and /dev, and no other process group survives a command."""

    def __init__(self, path, architecture=HERE):
        self.path = path
        self._through = through(architecture)

    def run(self, *command, timeout=120, env=None):
        script = ('mount --make-rprivate / && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && '
                  'exec chroot "$0" "$@"')
        variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
                     "HOME": "/root", **(env or {})}
        return run([*self._through, "unshare", "--mount", "--pid", "--fork", "sh", "-c", script, self.path, *command],
                   timeout=timeout, env=variables)

    def succeed(self, *command, **options):
        result = self.run(*command, **options)
        assert result.status == 0, result
        return result.out

    @contextlib.contextmanager
    def with_network(self):
        """Programs in it see the network as this machine does."""
        servers, kept = self.path / "etc/resolv.conf", self.path / "etc/.resolv.conf.kept"
        there = os.path.lexists(servers)
        if there:
            servers.rename(kept)
        shutil.copy("/etc/resolv.conf", servers)
        try:
            yield
        finally:
            servers.unlink()
            if there:
                kept.rename(servers)

    @contextlib.contextmanager
    def with_apt_of(self, suite):
        """As with_network(), and apt knows a further suite, whose packages it takes only for a name with the suite (apt-get
        install package/suite) and for what such a package needs newer."""
        folder = self.path / "etc/apt"
        sources, preferences = folder / "sources.list.d/further.list", folder / "preferences.d/further"
        words = (folder / "sources.list").read_text().split()
        sources.write_text(" ".join([*words[:words.index("main") - 1], suite, "main"]) + "\n")
        preferences.write_text(f"Package: *\nPin: release n={suite}\nPin-Priority: 100\n")
        try:
            with self.with_network():
                # A mirror may be late.
                self.succeed("apt-get", "-o", "Acquire::Check-Valid-Until=false", "update", timeout=300)
                yield
        finally:
            sources.unlink()
            preferences.unlink()

    def copy_in(self, source, target):
        return shutil.copy(source, self.path / target.lstrip("/"))

    def files(self):
        """path -> what it is, of all that a package may leave behind: not the logs and lists of apt and dpkg."""
        ignored = ("/proc/", "/dev/", "/var/lib/dpkg/", "/var/log/", "/var/cache/", "/tmp/", "/etc/ld.so.cache")
        found = {}
        for parent, folders, names in os.walk(self.path):
            for name in folders + names:
                path = Path(parent, name)
                inside = "/" + str(path.relative_to(self.path))
                if not inside.startswith(ignored):
                    status = path.lstat()
                    target = os.readlink(path) if path.is_symlink() else None
                    found[inside] = (status.st_mode, status.st_uid, target, status.st_size if path.is_file() else None)
        return found


def system(folder, suite, packages=()):
    """A copy, in `folder`, of the system of this suite with these packages. Raises Unavailable."""
    archive = archive_of(suite, packages)
    folder.mkdir()
    result = run(["tar", "--extract", "--numeric-owner", "--xattrs", "--file", archive, "--directory", folder],
                 timeout=120)
    assert result.status == 0, result
    return System(folder)


def archive_of(suite, packages):
    name = "-".join(["debian", suite, *packages])
    archive = roots.ROOTS_FOLDER / f"{name}.tar"
    with locked(name):
        if not archive.exists():
            make(archive, suite, packages)
    return archive


@contextlib.contextmanager
def locked(name):
    roots.ROOTS_FOLDER.mkdir(parents=True, exist_ok=True)
    with open(roots.ROOTS_FOLDER / f".{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def through(architecture):
    """What a command for a system of this architecture is run by."""
    return () if architecture == HERE else emulated.PROGRAM


def make(archive, suite, packages, architecture=HERE):
    if shutil.which("mmdebstrap") is None:
        raise Unavailable("mmdebstrap is not installed")
    if architecture != HERE and (reason := emulated.missing()):
        raise Unavailable(reason)
    partial = archive.with_name(f".{archive.name}")
    try:
        mirror = roots._mirror()
    except roots.RootUnavailable as reason:
        raise Unavailable(str(reason)) from None
    command = [*through(architecture), "mmdebstrap", "--mode=root", "--variant=minbase", "--format=tar", "--quiet",
               f"--architectures={architecture}",
               '--aptopt=Acquire::Languages "none"', '--dpkgopt=path-exclude=/usr/share/doc/*']
    if packages:
        command.append(f"--include={','.join(packages)}")
    limit = MAKE_SECONDS if architecture == HERE else MAKE_EMULATED_SECONDS
    result = run([*command, suite, partial, mirror], timeout=limit)
    if result.status != 0:
        raise Unavailable(f"no Debian {suite}: {' '.join(result.err.split())[-300:]}")
    partial.rename(archive)
