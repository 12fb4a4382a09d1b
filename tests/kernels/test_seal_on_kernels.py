"""What the loader seals on kernels that can seal, and what it says on one that cannot."""

import re

import pytest

from criu_harness import read_trip
from guest_cases import (ATTACKS, CRIU_TRIP, LAYOUTS, MATRICES, REQUIRED, STATIC_LAYOUTS, STATIC_MATRICES, UNSEALED_ATTACK,
                         UNSEALED_LAYOUT)
from kernel_expectations import SYSTEM_RANGES, answers_where_sealed, unexpected
from kernel_table import KERNELS
from process import Result
from seal_tools import parse_report, parse_smaps, parse_trace

DEFAULT_LAYOUTS = [case for case in LAYOUTS if "LDSEAL" not in case.environment]
SYSTEM_MAPPINGS = ("[vdso]", "[vvar]", "[vvar_vclock]")


def on_kernels(kernels):
    return pytest.mark.parametrize("kernel", list(kernels), ids=lambda kernel: kernel.name)


def for_cases(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


with_mseal = on_kernels(kernel for kernel in KERNELS if kernel.has_mseal)
without_mseal = on_kernels(kernel for kernel in KERNELS if not kernel.has_mseal)


def areas_of(report, case):
    """The mappings the program told of itself."""
    outcome = report.outcomes[case.name]
    assert outcome.status == 0, str(outcome)
    return parse_smaps("\n".join(outcome.out))


def trace_of(report, case):
    return parse_trace("\n".join(report.outcomes[case.name].err))


def sealed_ranges(parts):
    """What is sealed in as few ranges as can be: two that touch are one."""
    joined = []
    for start, end in sorted((part.start, part.end) for part in parts if part.is_sealed):
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return [f"{start:x}-{end:x}" for start, end in joined]


def answers_of(report, case):
    """{(range, attack): "ERRNO contents"} as guest/attack.c tells."""
    outcome = report.outcomes[case.name]
    assert outcome.status == 0, str(outcome)
    words = [line.split(" ", 2) for line in outcome.out]
    return {(name, attack): answer for name, attack, answer in words}


@with_mseal
@for_cases([*LAYOUTS, *STATIC_LAYOUTS])
def test_exactly_what_the_plan_seals_is_sealed(report, case):
    plan = sealed_ranges(trace_of(report, case).plan)
    assert plan != []
    assert sealed_ranges(areas_of(report, case)) == plan, str(report.outcomes[case.name])


@with_mseal
@for_cases([*DEFAULT_LAYOUTS, *STATIC_LAYOUTS])
def test_all_that_is_executable_or_the_kernels_is_sealed(report, case):
    areas = [area for area in areas_of(report, case) if area.name != "[vsyscall]"]
    assert {"[vdso]", "[vvar]"} <= {area.name for area in areas}
    wanted = [area for area in areas if "x" in area.permissions or area.name in SYSTEM_MAPPINGS]
    assert [str(area) for area in wanted if not area.is_sealed] == []


@with_mseal
@for_cases(LAYOUTS)
def test_nothing_unreadable_is_sealed_and_no_stack(report, case):
    sealed = [area for area in areas_of(report, case) if area.is_sealed]
    assert sealed != []
    assert [str(area) for area in sealed if area.permissions[0] != "r" or area.name in ("[stack]", "[heap]")] == []


@on_kernels(kernel for kernel in KERNELS if kernel.has_guards)
@pytest.mark.parametrize("name", ["layout-musl", "layout-glibc"])
def test_a_hole_between_segments_is_a_guard_inside_the_sealed_object(report, name):
    areas = parse_smaps("\n".join(report.outcomes[name].out))
    named = [n for n, area in enumerate(areas) if "libtarget" in area.name]
    library = areas[named[0]:named[-1] + 1]  # with its PLT's page, which has no name
    assert all(area.is_sealed for area in library if not area.name), "\n".join(map(str, library))
    assert any("gu" in area.flags for area in library), "\n".join(map(str, library))
    assert all(one.end == next.start for one, next in zip(library, library[1:])), "\n".join(map(str, library))


@with_mseal
@for_cases(ATTACKS)
def test_each_attack_on_what_is_sealed_gets_its_answer(kernel, report, case):
    assert answers_of(report, case) == answers_where_sealed(kernel)


@with_mseal
@for_cases([*MATRICES, *STATIC_MATRICES])
def test_each_attack_of_the_matrix_ends_as_its_table_says(kernel, report, case):
    outcome = report.outcomes[case.name]
    assert outcome.status == case.status, str(outcome)
    attempts = parse_report("\n".join(line for line in outcome.out if "\t" in line))
    assert {"file", "anonymous", "special"} <= {attempt.kind for attempt in attempts}
    assert [str(attempt) for attempt in unexpected(kernel, attempts)] == []


@with_mseal
def test_without_proc_the_kernels_own_mappings_are_in_the_plan(report):
    case = next(case for case in ATTACKS if not case.with_proc)
    sealed = {planned.object for planned in trace_of(report, case).plan if planned.is_sealed}
    assert {"[vdso]", "[vvar]"} <= sealed, str(report.outcomes[case.name])


@on_kernels(kernel for kernel in KERNELS if kernel.has_criu)
def test_a_sealed_program_is_dumped_and_restored_by_criu_and_sealed_again(report):
    outcome = report.outcomes[CRIU_TRIP.name]
    trip = read_trip(Result(CRIU_TRIP.words, outcome.status, "\n".join(outcome.out), "\n".join(outcome.err)))
    assert trip.is_whole, str(trip)
    assert {"[vvar]", "[vdso]"} <= {mapping.split()[-1] for mapping in trip.sealed["before"]}, str(trip)
    assert trip.sealed["restored"] == [], str(trip)
    assert trip.guarded["before"] == trip.guarded["restored"] == trip.guarded["resealed"] != [], str(trip)
    assert trip.reseal == "0" and trip.sealed["resealed"] == trip.sealed["before"], str(trip)


@with_mseal
@for_cases(REQUIRED)
def test_a_program_that_must_be_sealed_starts(report, case):
    outcome = report.outcomes[case.name]
    assert (outcome.status, outcome.out, outcome.err) == (7, ["hello: kernel"], []), str(outcome)


def test_a_program_whose_policy_is_off_has_nothing_sealed(report):
    assert sealed_ranges(areas_of(report, UNSEALED_LAYOUT)) == []


def test_the_attacks_succeed_where_nothing_is_sealed(report):
    """So that a refusal means a seal, and not an attack that can do nothing."""
    answers = answers_of(report, UNSEALED_ATTACK)
    assert [key for key, answer in answers.items() if answer.startswith("EPERM")] == []
    assert {answers[name, "munmap"] for name in ("text", "relro")} == {"0 unreadable"}
    assert {answers[name, "mmap-over"] for name in ("text", "relro")} == {"0 changed"}
    assert {answers[name, "mprotect-write"] for name in ("text", "relro")} == {"0 same"}


@without_mseal
@for_cases(LAYOUTS)
def test_without_mseal_nothing_is_sealed_and_the_trace_says_why(report, case):
    trace = trace_of(report, case)
    assert sealed_ranges(areas_of(report, case)) == []
    assert "not sealed: " in trace.summary and "mseal" in trace.summary, str(report.outcomes[case.name])
    assert [str(planned) for planned in trace.plan if planned.is_sealed or not planned.reason] == []


@without_mseal
@for_cases(ATTACKS)
def test_without_mseal_the_attacks_succeed(report, case):
    answers = answers_of(report, case)
    assert {answers[name, "munmap"] for name in ("text", "relro")} == {"0 unreadable"}
    assert {answers[name, "munmap"] for name in SYSTEM_RANGES} & {"EPERM same", "EPERM unread"} == set()


@without_mseal
@for_cases(REQUIRED)
def test_without_mseal_a_program_that_must_be_sealed_is_refused(report, case):
    outcome = report.outcomes[case.name]
    assert (outcome.status, outcome.out, len(outcome.err)) == (127, [], 1), str(outcome)
    wanted = rf"ld-seal: {case.words[0]}: text cannot be sealed, as the policy requires: Function not implemented\b.*"
    assert re.fullmatch(wanted, outcome.err[0]), str(outcome)
