"""The jobs of jobs.sh, done in a Debian."""

import re
from pathlib import Path

SCRIPT = Path(__file__).parent / "jobs.sh"
SECONDS = 600
FEWEST = 40


def done_in(debian):
    """name -> its output and its status."""
    debian.copy_in(SCRIPT, "/usr/local/lib/jobs.sh")
    done = debian.succeed("sh", "/usr/local/lib/jobs.sh", timeout=SECONDS)
    jobs = re.findall(r"^== ([a-z]\S*)\n(.*?)\n== (\d+)$", done, re.DOTALL | re.MULTILINE)
    assert len(jobs) == len(re.findall(r"^== [a-z]", done, re.MULTILINE)) >= FEWEST
    return {name: (output, int(status)) for name, output, status in jobs}


def differences(found, wanted):
    """name -> what was found and what was wanted, of the jobs that differ."""
    return {name: (found.get(name), wanted[name]) for name in wanted if found.get(name) != wanted[name]}
