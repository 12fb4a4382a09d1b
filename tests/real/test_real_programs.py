"""Debian's own programs, unmodified, do the same work under ld-seal as under the system's loader."""

import shutil

import pytest

from real_cases import CASES
from real_harness import SYSTEM_LOADER, Case


def skip_if_missing(case: Case) -> None:
    for program in case.programs + case.needs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing: install {case.package}")


@pytest.mark.parametrize(("case", "launch"), [
    pytest.param(case, launch, id=f"{case.name}-{launch}") for case in CASES for launch in case.launches])
def test_works_as_under_the_systems_loader(case, launch, bench, candidate):
    skip_if_missing(case)
    wanted = bench.run(case, SYSTEM_LOADER, launch)
    assert wanted.status == case.status, f"the case itself is wrong: {wanted}"
    for words in case.says:
        assert words in wanted.stdout, f"the case itself is wrong: it does not say {words!r}: {wanted}"

    found = bench.run(case, candidate, launch)

    assert (found.status, found.stderr) == (wanted.status, wanted.stderr)
    assert found.stdout == wanted.stdout
    assert found.files == wanted.files
