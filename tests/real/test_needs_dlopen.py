"""Which real programs open libraries while they work: recorded in the tables, measured here.

glibc's own loader says so under LD_DEBUG=files. What libc itself opens (NSS, gconv, libgcc_s) goes through libc's own
loader in any case and is not counted.
"""

import re
from pathlib import Path

import pytest

from real_cases import CASES
from real_harness import BY_INTERPRETER, SYSTEM_LOADER
from test_real_programs import skip_if_missing

OPENED = re.compile(r"file=(\S+) \[\d+\];  dynamically loaded by (\S+) \[")
STARTED = re.compile(r"initialize program: (\S+)")


def opened_by(log: str) -> set[str]:
    """Names of the libraries that the program, or one of its libraries other than libc, opened."""
    return {library for library, opener in OPENED.findall(log) if not Path(opener).name.startswith("libc.so.")}


def programs_that_open_libraries(folder: Path, loader: Path) -> set[str]:
    found = set()
    for log in sorted(folder.iterdir()):
        text = log.read_text(errors="replace")
        started = STARTED.search(text)
        if started and str(loader) in text and opened_by(text):
            found.add(Path(started[1]).name)
    return found


@pytest.mark.parametrize("case", [case for case in CASES if not case.slow], ids=lambda case: case.name)
def test_the_table_says_which_programs_open_libraries(case, bench, tmp_path):
    skip_if_missing(case)
    logs = tmp_path / "logs"
    logs.mkdir()
    bench.run(case, SYSTEM_LOADER, BY_INTERPRETER, {"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(logs / "log")})
    assert any(logs.iterdir()), "no program of the case wrote a log"
    assert programs_that_open_libraries(logs, bench.slot.path) == set(case.opens_libraries)
