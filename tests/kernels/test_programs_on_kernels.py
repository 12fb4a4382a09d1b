"""Programs of every libc start and do their work on every kernel, sealed or not."""

import pytest

from guest_cases import PROGRAMS


def test_the_guest_is_the_kernel_that_was_meant(kernel, report):
    assert report.release.startswith(kernel.release)
    assert (report.machine, report.page_size) == (kernel.machine, kernel.page_size)


@pytest.mark.parametrize("case", PROGRAMS, ids=lambda case: case.name)
def test_the_program_does_its_work(case, report):
    outcome = report.outcomes[case.name]
    assert (outcome.status, tuple(outcome.out), outcome.err) == (case.status, case.shows, []), str(outcome)
