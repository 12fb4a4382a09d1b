"""The filter answers the loader's question, for the classes it was made for, and nothing else."""

import pytest

from hatch_harness import ALL_BITS, CLASSES
from process import run

ASKED, NOT_ASKED = "0", "-22"  # -22: EINVAL, every stock kernel's answer


def answers(command):
    result = run(command)
    assert (result.status, result.err) == (0, ""), result
    return dict(line.split(": ") for line in result.out.splitlines())


def exempt_bits(told):
    """The bits that were answered with 0; every other one must have been refused as by a stock kernel."""
    said = {bit: told[f"class {bit:#x}"] for bit in ALL_BITS}
    assert set(said.values()) <= {ASKED, NOT_ASKED}, said
    return {bit for bit, answer in said.items() if answer == ASKED}


def other_answers(told):
    return {question: answer for question, answer in told.items()
            if not question.startswith("class 0x") and question not in ("no_new_privs", "seccomp")}


def test_without_a_filter_no_class_is_exempt(asks):
    assert exempt_bits(answers([asks])) == set()


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_alone_is_exempt_alone(sealctl, asks, name):
    assert exempt_bits(answers([sealctl, "run", f"--exempt={name}", asks])) == {CLASSES[name]}


def test_several_classes_are_exempt_together(sealctl, asks):
    assert exempt_bits(answers([sealctl, "run", "--exempt=system,guards,text", asks])) == {1, 4, 64}


def test_all_exempts_every_bit_that_a_later_loader_may_ask_for(sealctl, asks):
    assert exempt_bits(answers([sealctl, "run", "--exempt=all", asks])) == set(ALL_BITS)


@pytest.mark.parametrize("classes", [0, 1, 2, 0x45, 0xFFFFFFFF], ids=hex)
def test_the_header_exempts_exactly_the_classes_it_is_given(exempts, asks, classes):
    assert exempt_bits(answers([exempts, hex(classes), asks])) == {bit for bit in ALL_BITS if bit & classes}


def test_two_filters_exempt_what_either_exempts(sealctl, exempts, asks):
    command = [sealctl, "run", "--exempt=text", "--", exempts, CLASSES["system"], asks]
    assert exempt_bits(answers(map(str, command))) == {1, 4}


def test_a_second_filter_takes_no_exemption_back(sealctl, exempts, asks):
    assert exempt_bits(answers([sealctl, "run", "--exempt=all", "--", exempts, "0", asks])) == set(ALL_BITS)


def test_the_exemption_survives_fork_and_execve(sealctl, asks):
    command = [sealctl, "run", "--exempt=relro", "--", asks, "fork", "/bin/sh", "-c", f"{asks}; exit 0"]
    assert exempt_bits(answers(command)) == {2}


def test_who_did_not_start_under_it_is_not_exempt(sealctl, asks):
    assert exempt_bits(answers([sealctl, "run", "--exempt=all", asks])) == set(ALL_BITS)
    assert exempt_bits(answers([asks])) == set()


def test_every_other_call_is_answered_as_without_the_filter(sealctl, asks):
    plain, filtered = answers([asks]), answers([sealctl, "run", "--exempt=all", asks])
    assert other_answers(filtered) == other_answers(plain)
    assert plain["option 0x3"] == "1" and plain["close"] == "-9"  # the kernel's own answers, not a filter's


@pytest.mark.parametrize("name", ["no class", "class in the high half", "option 0x4c445344", "option 0x4c445346"])
def test_what_only_looks_like_the_question_is_refused_by_the_kernel(sealctl, asks, name):
    assert answers([sealctl, "run", "--exempt=all", asks])[name] == NOT_ASKED


def test_no_new_privs_is_set_even_for_root(sealctl, exempts, asks):
    for command in ([sealctl, "run", "--exempt=text", asks], [exempts, "1", asks]):
        told = answers(command)
        assert (told["no_new_privs"], told["seccomp"]) == ("1", "2"), command
