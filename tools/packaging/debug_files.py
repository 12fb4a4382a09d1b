"""Splits the debug information off the programs, into files that gdb finds by build-id."""

import re

from program_build import Failure, run

BUILD_ID = re.compile(r"Build ID: ([0-9a-f]{40})")


def build_id(program):
    found = BUILD_ID.search(run(["llvm-readelf", "--notes", program]))
    if found is None:
        raise Failure(f"{program}: has no build-id of 20 bytes")
    return found[1]


def split_debug_information(tree, programs):
    """`programs` are paths in `tree` by a word for each. Returns their build-ids by the same words."""
    numbers = {}
    for word, path in programs.items():
        program = tree / path
        number = numbers[word] = build_id(program)
        debug = tree / "usr/lib/debug/.build-id" / number[:2] / f"{number[2:]}.debug"
        debug.parent.mkdir(parents=True, exist_ok=True)
        run(["llvm-objcopy", "--only-keep-debug", program, debug])
        debug.chmod(0o644)
        run(["llvm-objcopy", "--strip-all", "--remove-section=.comment", program])
    return numbers
