"""Starts programs by starts.c, and reads what it and shows_start.c tell."""

import dataclasses
import os
import struct

from process import run

SET_USER_ID, SET_GROUP_ID, CAPABILITY = "set-user-ID", "set-group-ID", "file capability"
SET_OTHER_USER_ID = "set-user-ID of another"
CAP_DAC_READ_SEARCH = 2
VFS_CAP_REVISION_2, VFS_CAP_FLAGS_EFFECTIVE = 0x02000000, 1


def give(program, privilege):
    """Gives the file what makes it privileged; None takes it away."""
    os.chown(program, 1 if privilege == SET_OTHER_USER_ID else 0, 0)
    if privilege == CAPABILITY:
        caps = struct.pack("<5I", VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE, 1 << CAP_DAC_READ_SEARCH, 0, 0, 0)
        os.setxattr(program, "security.capability", caps)
    program.chmod({SET_USER_ID: 0o4755, SET_OTHER_USER_ID: 0o4755, SET_GROUP_ID: 0o2755}.get(privilege, 0o755))


@dataclasses.dataclass(frozen=True)
class Start:
    """One start: how it ended, and what came on descriptors 9 (the report), 1 and 2."""

    program: str
    status: int
    report: bytes
    out: bytes
    err: bytes

    @property
    def is_whole(self):
        return self.status == 0 and b"\0environ file\0" in self.report

    @property
    def texts(self):
        return self._halves[0].split(b"\0")

    @property
    def environ_file(self):
        """The bytes of /proc/self/environ, or "refused NUMBER"."""
        return self._halves[1][:-1]

    @property
    def _halves(self):
        assert self.is_whole, self
        first, _, second = self.report.partition(b"\0environ file\0")
        return first, second

    def values(self, name):
        """What stands behind `name` in the texts that begin with it."""
        return [text[len(name):] for text in self.texts if text.startswith(name)]

    @property
    def variables(self):
        return self.values(b"variable=")

    def number(self, name):
        (value,) = self.values(name + b" ")
        return int(value)


class Starter:
    def __init__(self, command, folder):
        self.command, self.folder = command, folder

    def run(self, programs, *words, environments=None, timeout=120):
        """{(program, number of the environment): Start}."""
        programs = list(programs)
        options = [] if environments is None else [f"environments={self._written(environments)}"]
        result = run([self.command, *options, *words, "--", *programs], timeout=timeout)
        assert (result.status, result.err) == (0, ""), result
        found, rest = {}, result.out.encode("utf-8", "surrogateescape")
        while rest:
            line, _, rest = rest.partition(b"\n")
            program, environment, status, *lengths = map(int, line.split())
            parts = []
            for length in lengths:
                parts.append(rest[:length])
                rest = rest[length:]
            assert not parts[2].startswith(b"starts: "), parts[2]
            found[programs[program], environment] = Start(str(programs[program]), status, *parts)
        return found

    def each(self, programs, *words):
        """{program: Start}, in an environment of no variables."""
        return {program: start for (program, _), start in self.run(programs, *words).items()}

    def _written(self, environments):
        path = self.folder / "environments"
        path.write_bytes(b"".join(struct.pack("<I", len(entries)) + b"".join(entry + b"\0" for entry in entries)
                                  for entries in environments))
        return path
