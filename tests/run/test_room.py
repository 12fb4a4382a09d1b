"""A start in as little room as a process may have, and behind filters that libc's own loader bears."""

import pytest
from laboratory import SILENT
from sources import sources_of

SOURCES = sources_of(__file__)
MEBIBYTE = 1 << 20
FSTAT, NEWFSTATAT = 5, 262


@pytest.fixture
def starts(glibc_lab):
    """Runs a program with many libraries, and a small one, under both loaders and with words in front."""
    lab = glibc_lab
    lab.program("limited", source=SOURCES / "limited.c")
    below = [lab.library(f"lib{number}.so", str(number), function=f"who_{number}") for number in range(12)]
    many = lab.program("many", [*below, "-lm"], source=SILENT, flags=[f"-Wl,-rpath,{lab.folder}"])

    def try_all(tool, *words):
        for program in (many, lab.program("few", source=SILENT)):
            for loader in (lab.theirs, lab.ours):
                found = lab.run_directly([lab.folder / tool, *words, loader, program])
                assert (found.status, found.stdout) == (0, "main\n"), found

    return try_all


@pytest.mark.parametrize("resource, value", [("NOFILE", 4), ("AS", 24 * MEBIBYTE), ("DATA", MEBIBYTE)])
def test_a_program_starts_with_little_of_a_resource(starts, resource, value):
    starts("limited", resource, value)


@pytest.mark.parametrize("number", [FSTAT, NEWFSTATAT])
def test_ld_seal_needs_no_more_than_one_of_the_two_calls_that_tell_what_a_file_is(glibc_lab, number):
    tool = glibc_lab.program("without", source=SOURCES / "without.c")
    program = glibc_lab.program("program", source=SILENT)
    found = glibc_lab.run_directly([tool, number, glibc_lab.ours, "--list", program])
    assert found.status == 0, found
    if number == FSTAT:  # the one that glibc 2.36 does not use
        assert glibc_lab.run_directly([tool, number, glibc_lab.ours, program]).stdout == "main\n"
