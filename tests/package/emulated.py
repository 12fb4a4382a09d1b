#!/usr/bin/env python3
"""Runs a command as root of another user namespace, in which QEMU's emulator runs programs for aarch64:

    emulated.py COMMAND [ARGUMENTS...]

Each user namespace has a binfmt_misc (Linux 6.7), so nothing of this machine changes. Users keep their numbers."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

EMULATOR = "qemu-aarch64-static"
PROGRAM = (sys.executable, __file__)
USERS = "0 0 65536\n"
# Of an ELF header: 64-bit, little-endian, ET_EXEC or ET_DYN, EM_AARCH64.
MAGIC = r"\x7fELF\x02\x01\x01" + r"\x00" * 9 + r"\x02\x00\xb7\x00"
MASK = r"\xff" * 7 + r"\x00" + r"\xff" * 8 + r"\xfe\xff\xff\xff"
# F: the emulator is opened now, and need not be in the root of a chroot; O, C: set-user-ID bits count.
FLAGS = "OCF"
# The first line comes when the users have numbers.
SCRIPT = r"""read -r _ <&"$1" && shift && mount --make-rprivate / && mount -t proc proc /proc &&
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc &&
printf %s "$0" > /proc/sys/fs/binfmt_misc/register && exec "$@" """


def missing():
    """Why it cannot be done here, or None."""
    for program in (EMULATOR, "arch-test"):
        if shutil.which(program) is None:
            return f"{program} is missing: tools/setup tools/packages-debian.txt"
    return None


def main(command):
    rule = f":{EMULATOR}:M::{MAGIC}:{MASK}:{shutil.which(EMULATOR)}:{FLAGS}"
    waits, goes_on = os.pipe()
    inner = subprocess.Popen(["unshare", "--user", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", SCRIPT,
                              rule, str(waits), *command], pass_fds=(waits,))
    process = Path(f"/proc/{inner.pid}")
    while os.readlink(process / "ns/user") == os.readlink("/proc/self/ns/user"):
        time.sleep(0.001)
    for numbers in ("uid_map", "gid_map"):
        (process / numbers).write_text(USERS)
    os.write(goes_on, b"\n")
    return inner.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
