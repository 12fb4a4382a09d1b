"""A shell script under ld-seal as the system's loader: everything in it starts under ld-seal. Each side has a mount
namespace; in the candidate's, /lib64 names ld-seal, as `sealctl adopt --system` has it."""

import dataclasses
import shutil
from pathlib import Path

import loaders
from static_workloads import Unavailable

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "build" / "bench" / "system"
NAME = loaders.SYSTEM_LOADERS["x86_64"].name
LAUNCHER = "system"
SCRIPT = """\
i=0
while [ $i -lt %d ]; do
  /bin/true; /bin/echo $i; /bin/basename /a/b; /usr/bin/expr $i + 1
  i=$((i + 1))
done
"""
COMMANDS_OF_A_ROUND = 4


@dataclasses.dataclass(frozen=True)
class ScriptWorkload:
    name: str
    started: int  # how many programs the script starts
    limit: float | None = None

    def commands(self):
        if not Path("/lib64").is_dir():
            raise Unavailable("no folder /lib64")
        script = FOLDER / f"{self.name}.sh"
        roles = {"reference": loaders.SYSTEM_LOADERS["x86_64"].resolve(), "candidate": loaders.loader("x86_64")}
        commands = []
        for role, loader in roles.items():
            folder = FOLDER / role
            folder.mkdir(parents=True, exist_ok=True)
            (folder / NAME).unlink(missing_ok=True)
            (folder / NAME).symlink_to(loader)
            commands.append([shutil.which("unshare"), "--mount", "--propagation", "private", "sh", "-c",
                             'mount --bind "$0" /lib64 && exec sh "$1"', str(folder), str(script)])
        script.write_text(SCRIPT % (self.started // COMMANDS_OF_A_ROUND))
        return {LAUNCHER: tuple(commands)}

    def limit_of(self, launcher):
        return self.limit if launcher == LAUNCHER else None
