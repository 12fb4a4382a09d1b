"""A small made-up root that sealctl can adopt: a libc, ld-seal, some programs, and a database of dpkg."""

import hashlib
import os
import shutil
import struct
from pathlib import Path

import loaders
from process import run

SEALCTL = loaders.PROJECT / "build" / "tools" / "sealctl"
LIBC_NAME = "/lib64/ld-linux-x86-64.so.2"
SEAL_NAME = "/lib64/ld-seal-x86_64.so.1"
LIBRARIES = "/usr/lib/x86_64-linux-gnu"
KEPT = LIBC_NAME + ".distrib"
LOADER_LINK = "usr/lib64/ld-linux-x86-64.so.2"
STATE = "var/lib/ldseal"
DIVERSIONS = "var/lib/dpkg/diversions"
OTHER_DIVERSION = "/usr/share/man/man1/sh.1.gz\n/usr/share/man/man1/sh.distrib.1.gz\ndash\n"
# cap_net_raw=ep, as the kernel keeps it in security.capability (version 2 of struct vfs_cap_data)
NET_RAW = struct.pack("<IIIII", 0x02000001, 1 << 13, 0, 0, 0)


def make_root(folder, programs=("true", "cat")):
    """A root of the system's own glibc and of these programs of /usr/bin, with merged /usr."""
    root = Path(folder)
    for name in ("usr/bin", "usr/sbin", "usr/lib64", LIBRARIES[1:], "etc", "var/lib/dpkg/info", "dev", "tmp"):
        (root / name).mkdir(parents=True)
    root.chmod(0o755)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    (root / "dev/null").touch()
    (root / "dev/null").chmod(0o666)
    for program in programs:
        shutil.copy2(f"/usr/bin/{program}", root / "usr/bin" / program)
        copy_libraries(root, program)
    (root / LOADER_LINK).symlink_to(f"/lib/x86_64-linux-gnu/{Path(LIBC_NAME).name}")
    install_seal(root)
    (root / "var/lib/dpkg/status").touch()
    (root / DIVERSIONS).write_text(OTHER_DIVERSION)
    (root / "var/lib/dpkg/info/libc6:amd64.list").write_text(f"/.\n/lib64\n{LIBC_NAME}\n")
    return root


def copy_libraries(root, program):
    listed = run([LIBC_NAME, "--list", f"/usr/bin/{program}"])
    assert listed.status == 0, listed
    for line in listed.out.splitlines():
        path = next((word for word in line.split() if word.startswith("/")), None)
        if path is not None:
            real = Path(path).resolve()
            shutil.copy2(real, root / LIBRARIES[1:] / Path(path).name)


def install_seal(root):
    """The loader as its package has it: a file among the libraries, and a symbolic link to it."""
    name = Path(SEAL_NAME).name
    stripped = run(["strip", "-o", root / LIBRARIES[1:] / name, loaders.loader("x86_64")])
    assert stripped.status == 0, stripped
    (root / LIBRARIES[1:] / name).chmod(0o755)
    (root / "usr/lib64" / name).symlink_to(f"/lib/x86_64-linux-gnu/{name}")


def compile_program(path, *flags, text="works"):
    """A small program at this path of the host, dynamic and for libc's rtld."""
    source = f'#include <stdio.h>\nint main(void) {{ return puts("{text}") < 0; }}\n'
    done = run(["gcc", "-x", "c", "-", "-o", path, *flags], stdin=source)
    assert done.status == 0, done
    return Path(path)


def sealctl(command, *words, root=None, **options):
    place = () if root is None else ("--root", root)
    return run([SEALCTL, command, *place, *words], **options)


def in_root(root, *command, **options):
    return run(["chroot", root, *command], **options)


def interpreter(path):
    shown = run(["readelf", "--program-headers", "--wide", path])
    return shown.out.partition("[Requesting program interpreter: ")[2].partition("]")[0]


def fingerprint(root):
    """All of a root but what sealctl records: kind, owner, mode, links, times, attributes and bytes of each file."""
    found = {}
    for folder, folders, files in os.walk(root):
        if Path(folder) == Path(root) / "var/lib" and "ldseal" in folders:
            folders.remove("ldseal")
        for name in folders + files:
            path = Path(folder) / name
            found[str(path.relative_to(root))] = _facts(path)
    # dpkg's database is written anew, and in any order; its lines are to be the same.
    if DIVERSIONS in found:
        lines = (Path(root) / DIVERSIONS).read_text().splitlines()
        found[DIVERSIONS] |= {"modified": 0, "bytes": sorted(zip(lines[::3], lines[1::3], lines[2::3]))}
    for backup in (f"{DIVERSIONS}-old",):
        found.pop(backup, None)
    return found


def _facts(path):
    status = path.lstat()
    facts = {"mode": oct(status.st_mode), "owner": (status.st_uid, status.st_gid)}
    if path.is_symlink():
        target = os.readlink(path)
        made_by_sealctl = "ld-linux" in path.name and target.startswith("ld-seal")
        return {**facts, "leads to": target, **({} if made_by_sealctl else {"modified": status.st_mtime_ns})}
    facts["attributes"] = {name: os.getxattr(path, name) for name in sorted(os.listxattr(path))}
    if path.is_file():
        facts |= {"modified": status.st_mtime_ns, "names": status.st_nlink, "size": status.st_size,
                  "bytes": hashlib.sha256(path.read_bytes()).hexdigest()}
    return facts


def differences(before, after):
    """The paths whose facts differ, each with both."""
    return {path: (before.get(path), after.get(path)) for path in before.keys() | after.keys()
            if before.get(path) != after.get(path)}
