"""The version of the packages, and the time that every file in them has."""

import datetime
import os
import re
import subprocess
from dataclasses import dataclass

RELEASED = re.compile(r"^## \[(\d[^\]]*)\] - (\d{4}-\d\d-\d\d)", re.MULTILINE)


@dataclass(frozen=True)
class Release:
    version: str  # Debian's: that of meson.build, and behind a release the time of the commit
    upstream: str  # that of meson.build
    epoch: int  # SOURCE_DATE_EPOCH: of the commit, or without git of the last release in CHANGELOG.md
    commit: str  # empty without git

    @classmethod
    def of(cls, project):
        """Of the source in `project`. The variable SOURCE_DATE_EPOCH has the last word on the time."""
        upstream = re.search(r"^  version: '([^']+)'", (project / "meson.build").read_text(), re.MULTILINE)[1]
        commit, committed = newest_commit(project)
        epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or committed or last_release(project))
        is_released = f"v{upstream}" in git(project, "tag", "--points-at", "HEAD").split()
        version = upstream if is_released or not commit else f"{upstream}+git{utc(committed):%Y%m%d%H%M%S}"
        return cls(version, upstream, epoch, commit)

    @property
    def time(self):
        return utc(self.epoch)


def utc(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def git(project, *words):
    """What git answers; empty if it cannot, or if the folder is only a part of another tree."""
    if not (project / ".git").exists():
        return ""
    try:
        return subprocess.run(["git", "-c", f"safe.directory={project}", *words], cwd=project, text=True,
                              capture_output=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def newest_commit(project):
    commit, _, seconds = git(project, "log", "-1", "--format=%H %ct").partition(" ")
    return commit, int(seconds or 0)


def last_release(project):
    _, day = RELEASED.search((project / "CHANGELOG.md").read_text()).groups()
    return int(datetime.datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp())
