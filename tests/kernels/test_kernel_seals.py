"""What sealing is worth on each kernel, without any loader: the reference program of tests/seal, attacked there."""

import pytest

from expectations import EXPECTED
from guest_cases import REFERENCE
from kernel_expectations import unexpected
from kernel_table import KERNELS
from seal_tools import parse_report

RANGES = ("file", "changed-file", "anonymous", "missing-page", "writable", "[vvar]", "[vdso]")
FILL = "userfaultfd UFFDIO_COPY, whole"

with_mseal = pytest.mark.parametrize("kernel", [kernel for kernel in KERNELS if kernel.has_mseal],
                                     ids=lambda kernel: kernel.name)
without_mseal = pytest.mark.parametrize("kernel", [kernel for kernel in KERNELS if not kernel.has_mseal],
                                        ids=lambda kernel: kernel.name)


def attempts_on(report, what):
    """Every attack on one of the ranges that the program says it has sealed."""
    outcome = report.outcomes[REFERENCE.name]
    assert outcome.status == 0, str(outcome)
    start = next(int(line.split()[1], 16) for line in outcome.out if line.split(" ")[0] == what)
    attempts = parse_report("\n".join(line for line in outcome.out if "\t" in line))
    found = [attempt for attempt in attempts if attempt.start == start]
    missed = set(EXPECTED) - {attempt.name for attempt in found}
    is_one_page = found[0].end - found[0].start == report.page_size  # and has no part: the vDSO, where pages are large
    assert missed == {name for name in EXPECTED if name.endswith(", part") and is_one_page}
    return found


@with_mseal
@pytest.mark.parametrize("what", RANGES)
def test_each_attack_on_a_sealed_range_ends_as_the_table_says(kernel, report, what):
    wrong = [attempt for attempt in unexpected(kernel, attempts_on(report, what))
             if (what, attempt.name) != ("missing-page", FILL)]
    assert [str(attempt) for attempt in wrong] == []


@with_mseal
@pytest.mark.parametrize("what", ["missing-page", "file"])
def test_a_page_that_is_not_mapped_can_be_filled_though_sealed(report, what):
    """Anonymous memory, and text whose file lies in memory: nobody needs a privilege for it."""
    assert [attempt.outcome for attempt in attempts_on(report, what) if attempt.name == FILL] == ["ok changed"]


@without_mseal
def test_a_kernel_without_mseal_says_that_it_has_none(report):
    outcome = report.outcomes[REFERENCE.name]
    assert (outcome.status, outcome.err) == (1, ["mseal: Function not implemented"]), str(outcome)
