"""Kernels and sandboxes that refuse mseal or guards: programs start all the same, the trace says why nothing is sealed,
and `require` refuses to start."""

import errno

import pytest

from process import environment, run
from seal_programs import find_program
from seal_tools import GUARD_INSTALL, MADVISE, MSEAL, inspect

REFUSALS = {
    "old kernel": errno.ENOSYS,
    "filter": errno.EPERM,
    "gVisor": errno.EINVAL,
}


@pytest.fixture(params=["ls", "musl", "freestanding"])
def program(request, tmp_path_factory):
    """One program of each libc."""
    return find_program(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(params=REFUSALS)
def without_mseal(request, refuse):
    """The words before a command that make the kernel refuse mseal to it, each with another error."""
    return refuse(MSEAL, REFUSALS[request.param])


def test_a_program_starts_without_mseal_as_with_it(without_mseal, program, native_launcher, tmp_path):
    command = program.command(native_launcher, tmp_path)
    wanted, found = run(command), run([*without_mseal, *command])
    assert wanted.status == 0, wanted
    assert (found.status, found.out, found.err) == (wanted.status, wanted.out, wanted.err)


def test_nothing_is_sealed_without_mseal_and_the_trace_says_why(
        attack, without_mseal, program, native_launcher, tmp_path):
    found = inspect([*without_mseal, attack], program.command(native_launcher, tmp_path), tmp_path)
    assert [str(area) for area in found.areas if area.is_sealed] == []
    assert found.trace.summary.startswith("not sealed: ")
    assert "mseal" in found.trace.summary


def test_require_refuses_to_start_without_mseal(without_mseal, program, native_launcher, tmp_path):
    command = [*without_mseal, *program.command(native_launcher, tmp_path)]
    found = run(command, env=environment(LDSEAL="require"))
    assert (found.status, found.out) == (127, ""), found
    assert len(found.err.splitlines()) == 1 and found.err.startswith("ld-seal: ") and "mseal" in found.err, found


def test_require_starts_a_program_where_all_can_be_sealed(program, native_launcher, tmp_path):
    command = program.command(native_launcher, tmp_path)
    found = run(command, env=environment(LDSEAL="require"))
    assert (found.status, found.err) == (0, ""), found


def test_everything_is_sealed_where_only_guards_are_missing(attack, refuse, program, native_launcher, tmp_path):
    command = program.command(native_launcher, tmp_path)
    without_guards = refuse(MADVISE, errno.EINVAL, 2, GUARD_INSTALL)
    found = inspect([*without_guards, attack], command, tmp_path, LDSEAL="require")
    assert found.result.status == 0, found.result
    executable = [area for area in found.areas if "x" in area.permissions and area.name != "[vsyscall]"]
    assert executable
    assert [str(area) for area in executable if not area.is_sealed] == []
