"""Run by test_preload_file.py in a mount namespace of its own: starts programs where /etc/ld.so.preload is another.

The argument is a copy of /etc, which is mounted over it. Standard input is a JSON list of {"list", "command",
"environment", "user"}; standard output the list of their (status, output, errors).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

SECONDS = 60


def run(start):
    def become_user():
        if start["user"] != 0:
            os.setgroups([])
            os.setgid(start["user"])
            os.setuid(start["user"])

    file = Path("/etc/ld.so.preload")
    file.write_text(start["list"])
    try:
        done = subprocess.run(start["command"], env=start["environment"], preexec_fn=become_user, capture_output=True,
                              timeout=SECONDS, stdin=subprocess.DEVNULL)
    finally:
        file.unlink()
    return done.returncode, *(text.decode(errors="backslashreplace") for text in (done.stdout, done.stderr))


def main(etc):
    subprocess.run(["mount", "--bind", etc, "/etc"], check=True, timeout=SECONDS)
    json.dump([run(start) for start in json.load(sys.stdin)], sys.stdout)


main(sys.argv[1])
