"""Under rr nothing is sealed, nothing guarded and nothing asked of the kernel that would end a recording; what is only
like rr changes nothing. rr_stand_in.c says what it takes over from rr and how."""

import re

import pytest

import address_ranges
import seal_tools
from hatch_harness import build
from process import environment, run

RR = "variable,answer,vdso,abort"
ABORTED = 99


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory):
    return build("rr_stand_in.c", tmp_path_factory.mktemp("rr") / "rr")


class Recording:
    """A program that shows its smaps, what its loader planned, and what the stand-in counted."""

    def __init__(self, result):
        self.result = result
        self.status = result.status
        self.counts = {name: int(count) for name, count in re.findall(r"^recorder: (\w+) (\d+)$", result.err, re.M)}
        self.areas = seal_tools.parse_smaps(result.out)
        self.trace = seal_tools.parse_trace(result.err)

    @property
    def sealed(self):
        return address_ranges.of(area for area in self.areas if area.is_sealed)

    @property
    def planned(self):
        return address_ranges.of(entry for entry in self.trace.plan if entry.is_sealed)

    @property
    def sealed_names(self):
        return {area.name for area in self.areas if area.is_sealed}

    def __str__(self):
        return str(self.result)


@pytest.fixture
def record(stand_in, native_launcher, tmp_path):
    """Runs cat under the stand-in, its words as given; by none, without the stand-in."""
    command = native_launcher.command("/usr/bin/cat", "/proc/self/smaps", folder=tmp_path)

    def recorded(words, **variables):
        supervisor = [stand_in, words] if words else []
        return Recording(run([*supervisor, *command], env=environment(**{"LD_DEBUG": "seal"} | variables)))
    return recorded


def assert_sealed_as_ever(seen):
    assert seen.status == 0, str(seen)
    assert {"[vdso]", "[vvar]"} <= seen.sealed_names, str(seen)
    assert seen.sealed == seen.planned, str(seen)


def test_under_rr_everything_is_exempt_and_the_trace_says_so(record):
    seen = record(RR)
    assert seen.status == 0 and seen.areas, str(seen)
    assert seen.sealed == [] and seen.planned == [], str(seen)
    assert {entry.verdict for entry in seen.trace.plan} <= {"left"}, str(seen)
    assert seen.trace.summary.startswith("not sealed: ") and "rr" in seen.trace.summary, str(seen)


def test_under_rr_nothing_is_called_that_ends_a_recording(record):
    seen = record(RR)
    assert (seen.counts["presence"], seen.counts["mseal"], seen.counts["guard"], seen.counts["query"]) == (1, 0, 0, 0)


def test_under_rr_a_program_that_requires_seals_runs(record):
    seen = record(RR, LDSEAL="require")
    assert seen.status == 0 and seen.sealed == [], str(seen)


def test_a_recorder_that_is_not_known_as_one_is_lost_at_the_first_seal(record):
    seen = record("abort", LD_DEBUG=None)
    assert seen.status == ABORTED and "recorder: abort at mseal, result 0\n" in seen.result.err, str(seen)


@pytest.mark.parametrize("words", [None, "variable"])
def test_the_variable_alone_does_not_keep_anything_from_being_sealed(record, words):
    seen = record(words, RUNNING_UNDER_RR="1")
    assert_sealed_as_ever(seen)
    if words:
        assert seen.counts["presence"] == 1 and seen.counts["mseal"] > 0, str(seen)


@pytest.mark.parametrize("value", [None, "", "0", "10"])
def test_without_the_variable_at_1_rr_is_not_asked_for(record, value):
    seen = record("answer", RUNNING_UNDER_RR=value)
    assert_sealed_as_ever(seen)
    assert seen.counts["presence"] == 0, str(seen)


def test_a_vdso_that_is_not_the_kernels_is_left_and_the_trace_says_so(record):
    plain, seen = record("answer"), record("vdso")
    assert seen.status == 0 and seen.sealed == seen.planned != [], str(seen)
    assert seen.sealed_names == plain.sealed_names - {"[vdso]", "[vvar]", "[vvar_vclock]"}, str(seen)
    assert [entry for entry in seen.trace.plan if entry.seal_class == "system"] == [], str(seen)
    assert "vDSO and vvar: not sealed: it is not a kernel's vDSO\n" in seen.result.err, str(seen)


def test_any_tracer_can_answer_the_question_of_the_hatch(record):
    seen = record("exempt")
    assert seen.status == 0 and seen.sealed == [] and seen.planned == [], str(seen)
    assert seen.counts["exemption"] >= 4 and seen.counts["mseal"] == 0, str(seen)
    assert "exempt" in seen.trace.summary, str(seen)


def test_the_stand_in_itself_is_built_for_both_machines(machine, tmp_path):
    assert build("rr_stand_in.c", tmp_path / "rr", machine=machine).exists()
