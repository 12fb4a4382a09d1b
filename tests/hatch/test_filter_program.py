"""The filter as a program, read and run here: so that of the machine whose emulator has no seccomp is held too."""

import struct

import pytest

from hatch_harness import build
from loaders import emulator
from process import run

ALLOW, ERRNO = 0x7FFF0000, 0x00050000
EXEMPT = 0x4C445345
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PRCTL = {"x86_64": 157, "aarch64": 167}
OTHER = {"x86_64": "aarch64", "aarch64": "x86_64"}
LOAD_WORD, JUMP_EQUAL, JUMP_SET, RETURN = 0x20, 0x15, 0x45, 0x06
LIBC_FLAGS = {"x86_64": (), "aarch64": ("-static",)}


@pytest.fixture
def recorded(machine, tmp_path):
    """(what is set before the filter, its instructions) for one set of classes."""
    program = build("records.c", tmp_path / "records", *LIBC_FLAGS[machine], machine=machine)

    def record(classes):
        result = run([*emulator(machine), program, hex(classes)])
        assert (result.status, result.err) == (0, ""), result
        first, *rest = result.out.splitlines()
        return first, [tuple(map(int, line.split())) for line in rest]
    return record


def verdict(instructions, call):
    """What the filter returns for one system call: the BPF that seccomp(2) documents, as far as it is used."""
    accumulator, at = 0, 0
    while True:
        code, when_true, when_false, operand = instructions[at]
        at += 1
        if code == LOAD_WORD:
            (accumulator,) = struct.unpack_from("<I", call, operand)
        elif code == JUMP_EQUAL:
            at += when_true if accumulator == operand else when_false
        elif code == JUMP_SET:
            at += when_true if accumulator & operand else when_false
        elif code == RETURN:
            return operand
        else:
            raise ValueError(f"instruction {at - 1}: unknown code {code:#x}")


def call(number, architecture, *arguments):
    """struct seccomp_data."""
    return struct.pack("<IIQ6Q", number, architecture, 0x1234, *arguments, *[0] * (6 - len(arguments)))


def question(machine, option=EXEMPT, classes=1):
    return call(PRCTL[machine], AUDIT_ARCH[machine], option, classes)


def test_no_new_privs_is_set_before_the_filter(recorded):
    assert recorded(1)[0] == "no_new_privs 1"


def test_the_question_is_answered_for_the_classes_given(recorded, machine):
    _, instructions = recorded(0x45)
    for bit in range(32):
        wanted = ERRNO if 0x45 >> bit & 1 else ALLOW
        assert verdict(instructions, question(machine, classes=1 << bit)) == wanted, bit


def test_the_upper_half_of_the_option_does_not_count(recorded, machine):
    """It is an int to the kernel, and what a register holds above it is nobody's business."""
    assert verdict(recorded(1)[1], question(machine, EXEMPT | 0xABCD << 32)) == ERRNO


@pytest.mark.parametrize("option", [0, EXEMPT - 1, EXEMPT + 1, EXEMPT << 32], ids=hex)
def test_another_option_passes(recorded, machine, option):
    assert verdict(recorded(0xFFFFFFFF)[1], question(machine, option)) == ALLOW


def test_another_system_call_passes(recorded, machine):
    _, instructions = recorded(0xFFFFFFFF)
    for number in (0, PRCTL[machine] - 1, PRCTL[machine] + 1, PRCTL[OTHER[machine]], PRCTL[machine] | 0x40000000):
        assert verdict(instructions, call(number, AUDIT_ARCH[machine], EXEMPT, 1)) == ALLOW, number


@pytest.mark.parametrize("architecture", [0x40000003, 0x40000028, 0, 0xFFFFFFFF], ids=hex)
def test_the_same_number_of_another_architecture_passes(recorded, machine, architecture):
    """i386 and 32-bit Arm, whose programs the same kernel runs, among them."""
    instructions = recorded(0xFFFFFFFF)[1]
    assert verdict(instructions, call(PRCTL[machine], architecture, EXEMPT, 1)) == ALLOW
    assert verdict(instructions, call(PRCTL[machine], AUDIT_ARCH[OTHER[machine]], EXEMPT, 1)) == ALLOW
