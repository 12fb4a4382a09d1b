"""Kernels and sandboxes that refuse mseal or guards, or only feign to seal: programs start all the same, the trace says why nothing is sealed,
and `require` refuses to start."""

import errno
import os
import re

import pytest

from address_ranges import of, shown, without
from loaders import launchers, loader
from process import environment, run
from seal_programs import build_program, build_program_without_libraries, build_static_program, find_program
from seal_tools import (ACCT, CLONE, GUARD_INSTALL, MADVISE, MREMAP, MSEAL, NOT_HELD, OPENAT, PRCTL, inspect,
                        parse_trace)

REFUSALS = {
    "old kernel": errno.ENOSYS,
    "filter": errno.EPERM,
    "gVisor": errno.EINVAL,
    "filter that feigns": 0,  # answers in the kernel's place that all is well
    "filter that kills": "kill",
    "filter that ends the thread": "kill-thread",
    "filter that sends a signal": "trap",
}


KILLS = "a seccomp filter kills for mseal"
NEVER_ASKED = "a seccomp filter may kill for mseal"


@pytest.fixture(params=["ls", "musl", "freestanding"])
def program(request, tmp_path_factory):
    """One program of each libc."""
    return find_program(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(params=REFUSALS)
def error(request):
    """The error that mseal gets, or what the filter does instead."""
    return REFUSALS[request.param]


@pytest.fixture
def without_mseal(refuse, error):
    """The words before a command that make the kernel refuse mseal to it."""
    return refuse(MSEAL, error)


def test_a_program_starts_without_mseal_as_with_it(without_mseal, program, native_launcher, tmp_path):
    command = program.command(native_launcher, tmp_path)
    wanted, found = run(command), run([*without_mseal, *command])
    assert wanted.status == 0, wanted
    assert (found.status, found.out, found.err) == (wanted.status, wanted.out, wanted.err)


def test_nothing_is_sealed_without_mseal_and_the_trace_says_why(
        attack, without_mseal, error, program, native_launcher, tmp_path):
    found = inspect([*without_mseal, attack], program.command(native_launcher, tmp_path), tmp_path)
    assert [str(area) for area in found.areas if area.is_sealed] == []
    assert found.trace.summary == f"not sealed: {reason_of(error)}"
    assert [str(entry) for entry in found.trace.plan if entry.is_sealed or not entry.reason] == []
    wanted = "a seccomp filter" if isinstance(error, str) else reason_of(error)
    assert wanted in {entry.reason for entry in found.trace.plan}


def test_require_refuses_to_start_without_mseal(without_mseal, error, program, native_launcher, tmp_path):
    command = [*without_mseal, *program.command(native_launcher, tmp_path)]
    found = run(command, env=environment(LDSEAL="require"))
    assert (found.status, found.out) == (127, ""), found
    assert re.fullmatch(refusal(error), found.err), found


def test_a_filter_that_kills_leaves_no_core_dump_and_no_child(refuse, program, native_launcher, tmp_path):
    command = [*refuse(MSEAL, "kill"), *program.command(native_launcher, tmp_path)]
    work = tmp_path / "work"
    work.mkdir()
    found = run(["/bin/sh", "-c", 'ulimit -c unlimited && cd "$0" && exec "$@"', work, *command])
    assert found.status == 0, found
    assert list(work.iterdir()) == []


@pytest.mark.parametrize("kills", [False, True])
def test_where_no_child_can_ask_nothing_is_sealed(kills, refuse, program, native_launcher, tmp_path):
    """A filter is in force, and what it does is not known: to be killed is worse than not to be sealed."""
    command = program.command(native_launcher, tmp_path)
    before = [*refuse(CLONE, errno.EAGAIN), *(refuse(MSEAL, "kill") if kills else [])]
    wanted, found = run(command), run([*before, *command], env=environment(LDSEAL_DEBUG="seal"))
    assert (found.status, found.out) == (wanted.status, wanted.out), found
    trace = parse_trace(found.err)
    assert trace.summary == f"not sealed: {NEVER_ASKED}"
    required = run([*before, *command], env=environment(LDSEAL="require"))
    assert required.status == 127
    assert required.err.endswith(f": memory cannot be sealed, as the policy requires: {NEVER_ASKED}\n"), required


def test_a_harmless_filter_keeps_nothing_from_being_sealed(attack, refuse, program, native_launcher, tmp_path):
    command = program.command(native_launcher, tmp_path)
    plain = inspect([attack], command, tmp_path)
    found = inspect([*refuse(ACCT, errno.EPERM), attack], command, tmp_path)
    assert found.trace.summary == plain.trace.summary
    assert len([area for area in found.areas if area.is_sealed]) == len(
        [area for area in plain.areas if area.is_sealed]) != 0


@pytest.mark.parametrize("call", [MADVISE, MREMAP])
def test_where_a_filter_kills_for_other_calls_none_of_them_is_made(call, refuse, program, native_launcher, tmp_path):
    command = program.command(native_launcher, tmp_path)
    before = refuse(call, "kill")
    wanted, found = run(command), run([*before, *command], env=environment(LDSEAL_DEBUG="seal"))
    assert (found.status, found.out) == (wanted.status, wanted.out), found
    assert parse_trace(found.err).summary == "not sealed: a seccomp filter kills for madvise or mremap"
    required = run([*before, *command], env=environment(LDSEAL="require"))
    assert (required.status, required.out) == (127, "")


def test_off_makes_no_call_that_a_short_list_of_allowed_calls_lacks(refuse, program, native_launcher, tmp_path):
    """Like that of systemd's unit of haveged, under which even the question whether a filter is in force is deadly."""
    before = [word for call in (MSEAL, MADVISE, CLONE, MREMAP, PRCTL) for word in refuse(call, "kill")]
    command = program.command(native_launcher, tmp_path)
    off = environment(LDSEAL="off", LDSEAL_GUARD="prot")
    wanted, found = run(command), run([*before, *command], env=off)
    assert (found.status, found.out, found.err) == (wanted.status, wanted.out, wanted.err)


@pytest.fixture
def static(tmp_path):
    """A command that has the loader start a static program, which it seals from outside."""
    return [loader("x86_64"), build_static_program(tmp_path).path]


def test_nothing_is_sealed_around_a_static_program_where_seals_are_feigned(refuse, static):
    found = run([*refuse(MSEAL, 0), *static], env=environment(LDSEAL_DEBUG="seal"))
    assert (found.status, found.out) == (0, "worked\n"), found
    trace = parse_trace(found.err)
    assert trace.summary == f"not sealed: {NOT_HELD}"
    assert trace.plan
    assert [str(entry) for entry in trace.plan if entry.is_sealed] == []


def test_require_refuses_a_static_program_where_seals_are_feigned(refuse, static):
    found = run([*refuse(MSEAL, 0), *static], env=environment(LDSEAL="require"))
    assert (found.status, found.out) == (127, ""), found
    assert re.fullmatch(refusal(0), found.err), found


def test_what_is_refused_where_all_else_is_feigned_is_told_apart(refuse, program, native_launcher, tmp_path):
    command = ["setarch", "--addr-no-randomize", *program.command(native_launcher, tmp_path)]
    (refused, *_) = [entry for entry in trace_of(command).plan if entry.is_sealed]
    filters = [*refuse(MSEAL, 0), *refuse(MSEAL, errno.ENOMEM, 0, refused.start & 0xFFFFFFFF)]
    plan = trace_of([*filters, *command]).plan
    reasons = {entry.start: entry.reason for entry in plan}
    assert reasons[refused.start] == f"mseal: {os.strerror(errno.ENOMEM)}"
    assert NOT_HELD in reasons.values()
    assert [str(entry) for entry in plan if entry.is_sealed] == []


def trace_of(command):
    return parse_trace(run(command, env=environment(LDSEAL_DEBUG="seal")).err)


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


def test_one_range_that_cannot_be_sealed_keeps_no_other_from_it(attack, refuse, program, native_launcher, tmp_path):
    same_addresses = ["setarch", "--addr-no-randomize"]
    command = program.command(native_launcher, tmp_path)
    all_sealed = sealed(inspect([*same_addresses, attack], command, tmp_path))
    refused = all_sealed[len(all_sealed) // 2]
    without_one = refuse(MSEAL, errno.ENOMEM, 0, refused[0] & 0xFFFFFFFF)
    found = inspect([*same_addresses, *without_one, attack], command, tmp_path)
    assert found.result.status == 0, found.result
    assert shown(sealed(found)) == shown(without(all_sealed, [refused]))
    left = [entry for entry in found.trace.plan if entry.reason == f"mseal: {os.strerror(errno.ENOMEM)}"]
    assert shown(of(left)) == shown([refused])


@pytest.fixture
def without_tellers(refuse, tmp_path):
    """A command in a sandbox without /proc where madvise tells nothing: nobody knows how far the vDSO reaches."""
    (tmp_path / "built").mkdir()
    program = build_program_without_libraries(tmp_path / "built")
    refusals = [*refuse(MADVISE, errno.EPERM), *refuse(OPENAT, errno.ENOENT)]
    return [*refusals, *program.command(launchers("x86_64")[0], tmp_path)]


def test_require_refuses_to_start_where_nobody_can_tell_the_vdso(without_tellers):
    found = run(without_tellers, env=environment(LDSEAL="require"))
    assert (found.status, found.out) == (127, ""), found
    reason = "vDSO: cannot be sealed, as the policy requires: neither /proc nor madvise tells its extents"
    assert re.fullmatch(rf"ld-seal: {reason} at address 0x[0-9a-f]+\n", found.err), found


def test_all_but_the_vdso_is_sealed_where_nobody_can_tell_it(without_tellers):
    found = run(without_tellers, env=environment(LDSEAL_DEBUG="seal"))
    assert (found.status, found.out) == (0, "worked\n"), found
    assert "vDSO and vvar: not sealed: neither /proc nor madvise tells its extents\n" in found.err
    plan = parse_trace(found.err).plan
    assert "text" in {entry.seal_class for entry in plan if entry.is_sealed}
    assert [str(entry) for entry in plan if entry.seal_class == "system"] == []


def test_an_emulator_without_mseal_is_told_about(aarch64_launcher, tmp_path):
    """qemu-user knows no mseal; what it says of guards is not to be believed."""
    command = aarch64_command(aarch64_launcher, tmp_path)
    found = run(command, env=environment(LDSEAL_DEBUG="seal"))
    assert (found.status, found.out) == (0, "worked: 42\n"), found
    assert parse_trace(found.err).summary == "not sealed: mseal: Function not implemented"


def test_require_refuses_under_an_emulator_without_mseal(aarch64_launcher, tmp_path):
    found = run(aarch64_command(aarch64_launcher, tmp_path), env=environment(LDSEAL="require"))
    assert (found.status, found.out) == (127, ""), found
    assert re.fullmatch(refusal(errno.ENOSYS), found.err), found


def aarch64_command(launcher, folder):
    (folder / "built").mkdir()
    return build_program("freestanding", folder / "built", "aarch64-linux-gnu-gcc").command(launcher, folder)


def refusal(error):
    """The line by which the loader refuses to start a program, whichever object comes first."""
    if isinstance(error, str):
        return rf"ld-seal: /\S+: memory cannot be sealed, as the policy requires: {KILLS}\n"
    why = os.strerror(error) if error else NOT_HELD
    reason = f"text cannot be sealed, as the policy requires: {why}"
    return rf"ld-seal: /\S+: {reason} at address 0x[0-9a-f]+\n"


def reason_of(error):
    """What the trace says where mseal gets this error; 0: that it feigned to seal; else the filter kills."""
    if isinstance(error, str):
        return KILLS
    return f"mseal: {os.strerror(error)}" if error else NOT_HELD


def sealed(found):
    return of(area for area in found.areas if area.is_sealed)
