"""A small Debian made for a test: this machine's libc and ld-seal, a program, and what doctor looks at."""

import shutil
from pathlib import Path

from loaders import loader

MULTIARCH = "x86_64-linux-gnu"
LIBRARIES = f"usr/lib/{MULTIARCH}"
LOADER = f"{LIBRARIES}/ld-seal-x86_64.so.1"
UNITS = "usr/lib/systemd/system"
HOOK = "usr/share/initramfs-tools/hooks/ldseal"


def write(path, text="", mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(text, bytes):
        path.write_bytes(text)
    else:
        path.write_text(text)
    path.chmod(mode)


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(source).resolve(), target)
    target.chmod(0o755)


def make_root(root, static_program):
    """A root that doctor finds nothing against. `static_program` plays the rescue shell."""
    for folder in (LIBRARIES, "usr/lib64", "usr/bin", "usr/sbin", "etc", "boot", UNITS, "tmp"):
        (root / folder).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    for name in ("libc.so.6", "ld-linux-x86-64.so.2"):
        copy(f"/lib/{MULTIARCH}/{name}", root / LIBRARIES / name)
    copy(loader("x86_64"), root / LOADER)
    # Both by absolute names: they must not lead out of the root.
    (root / "usr/lib64/ld-linux-x86-64.so.2").symlink_to(f"/lib/{MULTIARCH}/ld-linux-x86-64.so.2")
    (root / "usr/lib64/ld-seal-x86_64.so.1").symlink_to(f"/{LOADER}")
    for name in ("true", "env", "uname"):
        copy(f"/usr/bin/{name}", root / "usr/bin" / name)
    copy(static_program, root / "usr/bin/busybox")
    write(root / "usr/sbin/mkinitramfs", "#!/bin/sh\n", 0o755)
    write(root / HOOK, "#!/bin/sh\n", 0o755)
    for folder in (root, *root.rglob("*")):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(0o755)
    return root


def add_unit(root, name, *lines):
    write(root / UNITS / name, "\n".join(["[Unit]", "Description=x", "[Service]", "ExecStart=/bin/true", *lines, ""]))


def add_systemd(root, version, *, knows_mseal):
    """What doctor knows systemd and its libseccomp by."""
    write(root / LIBRARIES / "systemd" / f"libsystemd-shared-{version}.so", "\x7fELF")
    names = b"\0mmap\0" + (b"mseal\0" if knows_mseal else b"") + b"msgctl\0"
    write(root / LIBRARIES / "libseccomp.so.2", names)


def cpio(*names):
    """An archive with empty files of these names, as an initramfs that is not compressed."""
    archive = b""
    for name in (*names, "TRAILER!!!"):
        fields = [0, 0o100644, 0, 0, 1, 0, 0, 0, 0, 0, 0, len(name) + 1, 0]
        entry = b"070701" + b"".join(b"%08x" % (0 if index == 12 else value) for index, value in enumerate(fields))
        entry += name.encode() + b"\0"
        archive += entry + b"\0" * (-len(entry) % 4)
    return archive + b"\0" * (-len(archive) % 512)
