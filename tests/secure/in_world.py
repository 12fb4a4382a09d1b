"""Run by world.py in a mount namespace of its own: starts programs as nobody, in the folder "here" of a small root.

Standard input is a JSON list of {"command", "environment"}; standard output the list of their (status, output, errors).
"""

import json
import os
import subprocess
import sys

NOBODY = 65534
SECONDS = 20


def main(root, *mounts):
    for folder in mounts:
        subprocess.run(["mount", "--bind", f"/{folder}", f"{root}/{folder}"], check=True, timeout=SECONDS)

    nothing = os.open(os.devnull, os.O_RDONLY)  # the small root has none
    os.chroot(root)
    os.chdir("/here")
    # Here and not in each child: Python copies itself for a child that has something to do before its start.
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)

    outcomes = []
    for start in json.load(sys.stdin):
        done = subprocess.run(start["command"], env=start["environment"], capture_output=True, timeout=SECONDS,
                              stdin=nothing)
        outcomes.append((done.returncode, *(text.decode(errors="backslashreplace")
                                            for text in (done.stdout, done.stderr))))
    json.dump(outcomes, sys.stdout)


main(*sys.argv[1:])
