"""Small Debian systems, made by mmdebstrap once and kept below build/roots; a test gets a copy of one."""

import contextlib
import fcntl
import os
import shutil
from pathlib import Path

import roots
from process import run

MAKE_SECONDS = 600


class Unavailable(Exception):
    """The system cannot be made here; the text says why."""


class System:
    """A root folder. Programs in it see /proc and /dev, and no other process group survives a command."""

    def __init__(self, path):
        self.path = path

    def run(self, *command, timeout=120, env=None):
        script = ('mount --make-rprivate / && mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && '
                  'exec chroot "$0" "$@"')
        variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
                     "HOME": "/root", **(env or {})}
        return run(["unshare", "--mount", "--pid", "--fork", "sh", "-c", script, self.path, *command], timeout=timeout,
                   env=variables)

    def succeed(self, *command, **options):
        result = self.run(*command, **options)
        assert result.status == 0, result
        return result.out

    @contextlib.contextmanager
    def with_apt_of(self, suite):
        """Programs in it see the network as this machine does, and apt a further suite, whose packages it takes only for
        a name with the suite (apt-get install package/suite) and for what such a package needs newer."""
        etc = self.path / "etc"
        servers, kept = etc / "resolv.conf", etc / ".resolv.conf.kept"
        there = os.path.lexists(servers)
        if there:
            servers.rename(kept)
        shutil.copy("/etc/resolv.conf", servers)
        sources, preferences = etc / "apt/sources.list.d/further.list", etc / "apt/preferences.d/further"
        words = (etc / "apt/sources.list").read_text().split()
        sources.write_text(" ".join([*words[:words.index("main") - 1], suite, "main"]) + "\n")
        preferences.write_text(f"Package: *\nPin: release n={suite}\nPin-Priority: 100\n")
        try:
            self.succeed("apt-get", "-o", "Acquire::Check-Valid-Until=false", "update", timeout=300)  # a mirror may be late
            yield
        finally:
            for file in (servers, sources, preferences):
                file.unlink()
            if there:
                kept.rename(servers)

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


def make(archive, suite, packages):
    if shutil.which("mmdebstrap") is None:
        raise Unavailable("mmdebstrap is not installed")
    partial = archive.with_name(f".{archive.name}")
    try:
        mirror = roots._mirror()
    except roots.RootUnavailable as reason:
        raise Unavailable(str(reason)) from None
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=tar", "--quiet",
               '--aptopt=Acquire::Languages "none"', '--dpkgopt=path-exclude=/usr/share/doc/*']
    if packages:
        command.append(f"--include={','.join(packages)}")
    result = run([*command, suite, partial, mirror], timeout=MAKE_SECONDS)
    if result.status != 0:
        raise Unavailable(f"no Debian {suite}: {' '.join(result.err.split())[-300:]}")
    partial.rename(archive)
