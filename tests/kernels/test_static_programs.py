"""Static programs that seal themselves: sealed where the kernel can, started all the same where it cannot."""

import re

from guest_cases import STATIC_HELLOS, STATIC_LAYOUTS, STATIC_MATRICES, STATIC_REQUIRED, STATIC_WITHOUT_PROC
from kernel_expectations import unexpected
from seal_tools import parse_report
from test_seal_on_kernels import SYSTEM_MAPPINGS, areas_of, for_cases, sealed_ranges, trace_of, with_mseal, without_mseal


@for_cases(STATIC_HELLOS)
def test_the_program_does_its_work(case, report):
    outcome = report.outcomes[case.name]
    assert (outcome.status, tuple(outcome.out), outcome.err) == (case.status, case.shows, []), str(outcome)


@with_mseal
@for_cases(STATIC_LAYOUTS)
def test_exactly_what_the_plan_seals_is_sealed(report, case):
    plan = sealed_ranges(trace_of(report, case).plan)
    assert plan != []
    assert sealed_ranges(areas_of(report, case)) == plan, str(report.outcomes[case.name])


@with_mseal
@for_cases(STATIC_LAYOUTS)
def test_all_that_is_executable_or_the_kernels_is_sealed(report, case):
    areas = [area for area in areas_of(report, case) if area.name != "[vsyscall]"]
    assert {"[vdso]", "[vvar]"} <= {area.name for area in areas}
    wanted = [area for area in areas if "x" in area.permissions or area.name in SYSTEM_MAPPINGS]
    assert [str(area) for area in wanted if not area.is_sealed] == []


@with_mseal
@for_cases(STATIC_LAYOUTS)
def test_relro_is_sealed(report, case):
    relro = [planned for planned in trace_of(report, case).plan if planned.seal_class == "relro"]
    assert relro != [] and all(planned.is_sealed for planned in relro), str(report.outcomes[case.name])


@with_mseal
@for_cases(STATIC_MATRICES)
def test_each_attack_of_the_matrix_ends_as_its_table_says(kernel, report, case):
    outcome = report.outcomes[case.name]
    assert outcome.status == case.status, str(outcome)
    attempts = parse_report("\n".join(line for line in outcome.out if "\t" in line))
    assert {"file", "anonymous", "special"} <= {attempt.kind for attempt in attempts}
    assert [str(attempt) for attempt in unexpected(kernel, attempts)] == []


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
