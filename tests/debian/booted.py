"""Boots a Debian with systemd in a container, once, and reads what observe.sh has written down in it."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
BOOT_SECONDS = 600
UNIT = """[Unit]
Description=Looks at the booted system and switches it off
[Service]
Type=simple
StandardOutput=null
ExecStart=/bin/sh /usr/local/lib/observe/observe.sh
[Install]
WantedBy=multi-user.target
"""


class NotBooted(Exception):
    """The system did not switch itself off in time, or could not be started; the text has its last words."""


@dataclasses.dataclass(frozen=True)
class Process:
    pid: int
    name: str
    code: int  # mappings that can be executed
    sealed: int  # those of them that are sealed


@dataclasses.dataclass(frozen=True)
class Observed:
    state: str  # what `systemctl is-system-running` says
    failed: list
    running: list
    processes: list
    work: dict  # job -> its output and status
    sandboxes: dict  # option of systemd -> mappings that can be executed, and those of them that are sealed
    survey: dict  # what `sealctl ps --json` says; empty without sealctl


def prepare(root):
    """Has the system at `root` observe itself when it is booted."""
    folder = root / "usr/local/lib/observe"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("observe.sh", "work.sh", "sandboxes.sh"):
        shutil.copy(HERE / name, folder / name)
    unit = root / "etc/systemd/system/observe.service"
    unit.write_text(UNIT)
    wants = root / "etc/systemd/system/multi-user.target.wants/observe.service"
    wants.parent.mkdir(parents=True, exist_ok=True)
    if not wants.is_symlink():
        wants.symlink_to("/etc/systemd/system/observe.service")


def boot(root):
    """Boots it, waits until it has switched itself off, and returns what it saw. Raises NotBooted."""
    command = ["systemd-nspawn", "--quiet", "-D", root, "--register=no", "--keep-unit", "--boot", "--console=pipe",
               "--private-network"]
    # nspawn's filter answers in the kernel's place that there is no mseal.
    environment = {**os.environ, "SYSTEMD_SECCOMP": "0"}
    shutil.rmtree(root / "var/lib/observed", ignore_errors=True)
    try:
        done = subprocess.run(list(map(str, command)), env=environment, timeout=BOOT_SECONDS, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True)
    except subprocess.TimeoutExpired as late:
        raise NotBooted(f"not off after {BOOT_SECONDS} s: {(late.stdout or b'')[-2000:]}") from None
    if not (root / "var/lib/observed/done").exists():
        raise NotBooted(f"status {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return read(root / "var/lib/observed")


def read(folder):
    text = {path.name: path.read_text(errors="replace") for path in folder.iterdir()}
    processes = [Process(int(pid), name, int(code), int(sealed)) for pid, name, code, sealed in
                 re.findall(r"^(\d+) (.*) (\d+) (\d+)$", text["processes"], re.MULTILINE)]
    jobs = re.findall(r"^== (\S+)\n(.*?)^== (\d+)$", text["work"], re.MULTILINE | re.DOTALL)
    sandboxes = {name: (int(code), int(sealed)) for name, code, sealed in
                 re.findall(r"^(\S+) (\d+) (\d+)$", text.get("sandboxes", ""), re.MULTILINE)}
    return Observed(text["state"].strip(), text["failed"].split(), text["running"].split(), processes,
                    {name: (output, int(status)) for name, output, status in jobs}, sandboxes,
                    json.loads(text.get("ps.json") or "{}"))
