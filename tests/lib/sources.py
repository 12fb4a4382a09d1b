"""Where the sources of test programs are.

A C, C++ or assembly source of more than eight lines is a file and never a string; test_tree.py says so. What one
Python file builds is in `cases/NAME/` of its test folder: `dl/openings/scopes.py` has `dl/cases/scopes/`, and
`seal/test_holes.py` has `seal/cases/holes/`. `libNAME.c` becomes libNAME.so, and what differs between two builds of a
source is a macro. What several Python files build lies beside them, or in `programs/` there."""

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def sources_of(file):
    """The folder with the sources of a Python file, which is to pass its __file__."""
    path = Path(file).resolve()
    return TESTS / path.relative_to(TESTS).parts[0] / "cases" / path.stem.removeprefix("test_")
