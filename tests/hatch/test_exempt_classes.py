"""What is exempt is left unsealed, and everything else is sealed as before: the plan and smaps both say so."""

import pytest

from hatch_harness import CLASSES, build, start_of, verdicts
from loaders import loader, with_interpreter

# `data` is not sealed unless asked for. `dlopen` and `guards` have no ranges before a program opens or starts anything.
WITH_RANGES = ("text", "relro", "system", "loader", "data")


@pytest.fixture
def start(shows_itself, tmp_path):
    program = with_interpreter(shows_itself, loader("x86_64"), tmp_path)
    return lambda *supervisor, **variables: start_of([*supervisor, program], **({"LDSEAL": "+data"} | variables))


def test_without_exemption_every_class_is_sealed(start):
    seen = start()
    for name in WITH_RANGES:
        assert "sealed" in verdicts(seen.of(name)), name
    assert seen.sealed_in_memory == seen.sealed_by_plan


@pytest.mark.parametrize("name", WITH_RANGES)
def test_an_exempt_class_is_left_and_the_others_are_sealed_as_before(start, sealctl, name):
    plain, seen = start(), start(sealctl, "run", f"--exempt={name}", "--")
    names = ("text", "plt") if name == "text" else (name,)  # stubs are text
    assert seen.without(*names) == plain.without(*names)
    assert verdicts(seen.of(*names)) <= {"left"}
    assert seen.sealed_in_memory == seen.sealed_by_plan != []


def test_where_the_plt_is_exempt_its_pages_are_text_like_others(start, sealctl):
    plain, seen = start(), start(sealctl, "run", "--exempt=plt", "--")
    assert verdicts(plain.of("plt")) == {"sealed"} and seen.of("plt") == []
    assert verdicts(seen.of("text")) == {"sealed"}
    assert seen.sealed_in_memory == seen.sealed_by_plan


@pytest.mark.parametrize("name", ["dlopen", "guards"])
def test_exempting_what_is_not_there_yet_changes_nothing(start, sealctl, name):
    plain, seen = start(), start(sealctl, "run", f"--exempt={name}", "--")
    assert seen.of(*CLASSES) == plain.of(*CLASSES)
    assert seen.sealed_in_memory == seen.sealed_by_plan != []


@pytest.mark.parametrize("exempt, wanted", [("guards", False), ("all", False), ("data", True)])
def test_exempting_guards_leaves_no_guard_in_the_holes_of_objects(tmp_path, sealctl, exempt, wanted):
    """A recorder knows no guards. Between segments that are linked for larger pages there are holes to guard."""
    program = build("shows_itself.c", tmp_path / "wide", "-Wl,-z,max-page-size=0x10000", "-Wl,-z,separate-code")
    by_loader = [loader("x86_64"), program]  # as a command: what the kernel maps has its holes already
    assert guarded(start_of(by_loader))
    assert guarded(start_of([sealctl, "run", f"--exempt={exempt}", "--", *by_loader])) is wanted


def guarded(seen):
    return any("gu" in area.flags for area in seen.areas)


def test_exempting_all_leaves_everything(start, sealctl):
    seen = start(sealctl, "run", "--exempt=all", "--")
    assert verdicts(seen.of(*CLASSES)) <= {"left"}
    assert seen.sealed_in_memory == []
    assert "not sealed: " in seen.trace.summary and "exempt" in seen.trace.summary


def test_the_header_does_what_sealctl_does(start, sealctl, exempts):
    by_tool = start(sealctl, "run", "--exempt=relro,system", "--")
    by_header = start(exempts, hex(CLASSES["relro"] | CLASSES["system"]))
    assert by_header.of(*CLASSES) == by_tool.of(*CLASSES)
    assert by_header.sealed_in_memory == by_header.sealed_by_plan


def test_a_supervisor_wins_over_require(start, sealctl):
    """Who must rearrange a program cannot be refused by the program's wish."""
    seen = start(sealctl, "run", "--exempt=all", "--", LDSEAL="require")
    assert seen.sealed_in_memory == []
