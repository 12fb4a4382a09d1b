"""Starts a built program under a loader, in each of the ways a program can be started, and notes what it did."""

import dataclasses
import subprocess

from . import places

SECONDS = {"x86_64": 120, "aarch64": 120}
NO_END = -1000  # the status of what did not end in time
PATIENCE = 20  # times as long for a recipe that is called slow
PLAIN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


@dataclasses.dataclass(frozen=True)
class Outcome:
    status: int
    stdout: str
    stderr: str

    def __str__(self):
        return f"status {self.status}\n--- stdout\n{self.stdout}--- stderr\n{self.stderr}"


@dataclasses.dataclass(frozen=True)
class Launch:
    """One start of a program: everything but which loader."""
    machine: str
    libc: str
    environment: dict
    arguments: tuple = ()
    stdin: str = ""
    page_size: int = 4096
    is_slow: bool = False

    def by_interpreter(self, program):
        return self._start([str(program), *self.arguments], argv0="program")

    def by_command(self, loader, program, options=()):
        return self._start([str(loader), *options, str(program), *self.arguments], argv0=str(loader))

    def _start(self, command, argv0):
        environment = dict(PLAIN_ENVIRONMENT)
        if self.machine == "x86_64":
            environment.update(self.environment)
            return execute([argv0, *command[1:]], environment, self._seconds(), self.stdin, executable=command[0])
        emulator = ["qemu-aarch64", "-L", str(places.system_folder(self.libc, self.machine)), "-0", argv0]
        if self.page_size != 4096:
            emulator += ["-p", str(self.page_size)]
        for name, value in self.environment.items():
            if name.startswith("LD_"):  # not for the emulator's own loader
                emulator += ["-E", f"{name}={value}"]
            else:
                environment[name] = value
        return execute(emulator + command, environment, self._seconds(), self.stdin)

    def _seconds(self):
        return SECONDS[self.machine] * (PATIENCE if self.is_slow else 1)


def execute(command, environment, seconds, stdin="", executable=None):
    try:
        done = subprocess.run(command, executable=executable, env=environment, input=stdin.encode(),
                              capture_output=True, timeout=seconds, cwd="/")
    except subprocess.TimeoutExpired as expired:
        return Outcome(NO_END, _text(expired.stdout), _text(expired.stderr) + "(did not end in time)\n")
    return Outcome(done.returncode, _text(done.stdout), _text(done.stderr))


def _text(data):
    return (data or b"").decode(errors="backslashreplace")
