"""Static programs that seal themselves: sealed where the kernel can, started all the same where it cannot."""

import re

from guest_cases import STATIC_HELLOS, STATIC_LAYOUTS, STATIC_REQUIRED, STATIC_WITHOUT_PROC
from test_seal_on_kernels import areas_of, for_cases, sealed_ranges, trace_of, with_mseal, without_mseal


@for_cases(STATIC_HELLOS)
def test_the_program_does_its_work(case, report):
    outcome = report.outcomes[case.name]
    assert (outcome.status, tuple(outcome.out), outcome.err) == (case.status, case.shows, []), str(outcome)


@with_mseal
@for_cases(STATIC_LAYOUTS)
def test_relro_is_sealed(report, case):
    relro = [planned for planned in trace_of(report, case).plan if planned.seal_class == "relro"]
    assert relro != [] and all(planned.is_sealed for planned in relro), str(report.outcomes[case.name])


@with_mseal
@for_cases(STATIC_REQUIRED)
def test_a_program_that_must_be_sealed_starts(report, case):
    outcome = report.outcomes[case.name]
    assert (outcome.status, outcome.out, outcome.err) == (7, ["hello: kernel"], []), str(outcome)


@with_mseal
def test_without_proc_the_kernels_own_mappings_are_sealed(report):
    sealed = {planned.object for planned in trace_of(report, STATIC_WITHOUT_PROC).plan if planned.is_sealed}
    assert {"[vdso]", "[vvar]"} <= sealed, str(report.outcomes[STATIC_WITHOUT_PROC.name])


@without_mseal
@for_cases(STATIC_LAYOUTS)
def test_without_mseal_nothing_is_sealed_and_the_trace_says_why(report, case):
    trace = trace_of(report, case)
    assert sealed_ranges(areas_of(report, case)) == []
    assert trace.summary == "not sealed: mseal: Function not implemented", str(report.outcomes[case.name])


@without_mseal
@for_cases(STATIC_REQUIRED)
def test_without_mseal_a_program_that_must_be_sealed_is_refused(report, case):
    outcome = report.outcomes[case.name]
    assert (outcome.status, outcome.out, len(outcome.err)) == (127, [], 1), str(outcome)
    wanted = r"ld-seal: \S+: (text|system) cannot be sealed, as the policy requires: Function not implemented\b.*"
    assert re.fullmatch(wanted, outcome.err[0]), str(outcome)
