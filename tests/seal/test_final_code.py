"""The classes `wx` and `stack`: nothing new becomes executable, and the first thread's stack stays what it is."""

import errno

import pytest

from loaders import loader
from process import environment, run
from seal_tools import SOURCES, compile_program

PRCTL, SET_MDWE = 157, 65  # a system call on x86_64, and an option of it
LINES = ("seal: code is final: nothing new becomes executable",
         "seal: memory may become executable: PR_SET_MDWE: Invalid argument")
PROGRAM = "final_code.c"


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return compile_program(tmp_path_factory.mktemp("final") / "program", [SOURCES / "cases" / "final_code" / PROGRAM])


def answers(program, *words, before=(), **variables):
    """What came of each attempt, by its name; the trace."""
    result = run([*before, loader("x86_64"), program, *words], env=environment(LDSEAL_DEBUG="seal", **variables))
    assert result.status == 0, result
    return dict(line.split(": ", 1) for line in result.out.splitlines()), result.err


def test_without_the_class_memory_may_become_executable(program):
    found, _ = answers(program)
    assert (found["here fresh"], found["here gained"], found["in a child gained"]) == ("ok", "ok", "ok")


def test_with_wx_nothing_becomes_executable_in_the_process_and_its_children(program):
    found, trace = answers(program, LDSEAL="+wx")
    assert LINES[0] in trace
    assert {found[name] for name in found if not name.startswith("stack")} == {"EACCES"}, found


def test_with_wx_programs_that_it_executes_are_free(program):
    found, _ = answers(program, "/bin/true", LDSEAL="+wx")
    assert found == {}
    found = run([loader("x86_64"), program, program], env=environment(LDSEAL="+wx"))
    assert (found.status, found.out) == (0, "executed fresh: ok\nexecuted gained: ok\n"), found


def test_where_the_kernel_refuses_the_trace_says_so_and_require_ends_the_program(program, refuse):
    before = refuse(PRCTL, errno.EINVAL, 0, SET_MDWE)
    found, trace = answers(program, before=before, LDSEAL="+wx")
    assert LINES[1] in trace and found["here gained"] == "ok"
    result = run([*before, loader("x86_64"), program], env=environment(LDSEAL="require,+wx"))
    assert (result.status, result.out) == (127, "")
    assert result.err == "ld-seal: wx: memory may become executable, which the policy forbids: Invalid argument\n"


def test_without_the_class_the_stack_may_change(program):
    found, _ = answers(program)
    assert (found["stack"], found["stack executable"], found["stack unmapped"]) == ("not sealed, grows", "ok", "ok")


def test_with_stack_the_stack_is_sealed_and_grows(program):
    found, trace = answers(program, LDSEAL="+stack")
    assert " rw- stack sealed [stack]\n" in trace
    assert (found["stack"], found["stack executable"], found["stack unmapped"]) == ("sealed, grows", "EPERM", "EPERM")
