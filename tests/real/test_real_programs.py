"""Debian's own programs, unmodified, do the same work under ld-seal as under the system's loader."""

import os
import shutil

import pytest

from real_cases import CASES
from real_harness import LAUNCHES, SYSTEM_LOADER, Case, Outcome, folder_of_packages
from roots import RootUnavailable


def skip_if_missing(case: Case) -> None:
    for program in case.programs + case.needs:
        if not program.startswith("ROOT/") and shutil.which(program) is None:
            pytest.skip(f"{program} is missing: install {case.package}")
    if case.as_root and os.geteuid() != 0:
        pytest.skip("only root may do this")
    if case.unpacked:
        try:
            folder_of_packages(case)
        except RootUnavailable as reason:
            pytest.skip(str(reason))


def assert_equal(found: Outcome, wanted: Outcome) -> None:
    assert (found.status, found.stderr) == (wanted.status, wanted.stderr)
    assert found.stdout == wanted.stdout
    assert found.files == wanted.files


@pytest.mark.parametrize(("case", "launch"), [
    pytest.param(case, launch, id=f"{case.name}-{launch}", marks=[pytest.mark.slow] if case.slow else [])
    for case in CASES for launch in case.launches])
def test_works_as_under_the_systems_loader(case, launch, bench, candidate):
    skip_if_missing(case)
    wanted = bench.run(case, SYSTEM_LOADER, launch)
    assert wanted.status == case.status, f"the case itself is wrong: {wanted}"
    for words in case.says:
        assert words in wanted.stdout, f"the case itself is wrong: it does not say {words!r}: {wanted}"

    found = bench.run(case, candidate, launch)

    assert_equal(found, wanted)


@pytest.mark.parametrize("launch", LAUNCHES)
def test_a_program_of_these_tests_runs_under_the_loader_that_was_put_in_place(launch, bench, candidate):
    maps = Case(name="maps", programs=("/usr/bin/cat",), package="coreutils", script="$cat /proc/self/maps")

    outcome = bench.run(maps, candidate, launch)

    assert str(bench.slot.path) in outcome.stdout
    assert bench.slot.path.read_bytes() == candidate.read_bytes()
