"""Programs of every libc start and do their work on every kernel, sealed or not."""

import pytest

from guest_cases import GUARDS, PROGRAMS


def test_the_guest_is_the_kernel_that_was_meant(kernel, report):
    assert report.release.startswith(kernel.release)
    assert (report.machine, report.page_size) == (kernel.machine, kernel.page_size)


@pytest.mark.parametrize("case", PROGRAMS, ids=lambda case: case.name)
def test_the_program_does_its_work(case, report):
    outcome = report.outcomes[case.name]
    assert (outcome.status, tuple(outcome.out), outcome.err) == (case.status, case.shows, []), str(outcome)


@pytest.mark.parametrize("case", GUARDS, ids=lambda case: case.name)
def test_threads_have_guards_of_the_kind_that_the_kernel_has(case, kernel, report):
    outcome = report.outcomes[case.name]
    assert (outcome.status, tuple(outcome.out)) == (0, case.shows), str(outcome)
    placed = [line for line in outcome.err if line.endswith(" in the page table")]
    assert len(placed) == (9 if kernel.has_guards else 0), str(outcome)  # 8 threads, and the decision before them
