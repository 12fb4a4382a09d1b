"""Whose word counts in a program that seals itself, what it says, and kernels that refuse: as under the loader."""

import errno
import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest

from address_ranges import of, shown
from crt_programs import PROGRAMS, SOURCES, compile_sealed, compile_with_glibc_by_hand
from loaders import PROJECT
from process import environment, run
from seal_tools import GUARD_INSTALL, MADVISE, MSEAL, NOT_HELD, inspect, parse_smaps, parse_trace

LIBCS = ("glibc", "musl", "none")
BY_DEFAULT = {"text", "relro", "system"}
CANNOT_START = 127
NOBODY = 65534
AS_NOBODY = ("/usr/bin/setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "/usr/bin/env", "-i")
SEALCTL = PROJECT / "build/tools/sealctl"
MPROTECT, READ_AND_EXECUTE = 10, 5
NAME = {"glibc": "hello", "musl": "hello of musl", "none": "alone"}
STATUS = PROGRAMS["hello"].status


@pytest.fixture(params=LIBCS)
def libc(request):
    return request.param


@pytest.fixture
def hello(built, libc):
    return built(NAME[libc])


@pytest.fixture
def program(tmp_path, libc):
    """Makes a program with a policy of its own."""
    def made(policy):
        source = tmp_path / "program.c"
        source.write_text(f'#include <ldseal/policy.h>\nLDSEAL_POLICY("{policy}");\nint main(void) {{ return 0; }}\n')
        return compile_sealed(tmp_path / "program", source, libc=libc)
    return made


def trace_of(command, **variables):
    result = run(command, env=environment(LDSEAL_DEBUG="seal", **variables))
    assert result.status in (0, STATUS), result
    return parse_trace(result.err)


def sealed_classes(command, **variables):
    return {entry.seal_class for entry in trace_of(command, **variables).plan if entry.is_sealed}


WORDS = {
    "nothing said": (None, BY_DEFAULT),
    "off": ("off", set()),
    "on": ("on", BY_DEFAULT),
    "one taken out": ("-system", {"text", "relro"}),
    "RELRO taken out": ("-relro", {"text", "system"}),
    "one added": ("+data", BY_DEFAULT | {"data"}),
    "require": ("require", BY_DEFAULT),
    "off, then one": ("off,+text", {"text"}),
}


@pytest.mark.parametrize("variable, wanted", WORDS.values(), ids=WORDS)
def test_the_variable_decides(hello, variable, wanted):
    assert sealed_classes([hello], LDSEAL=variable) == wanted


def test_the_variable_may_be_long(hello):
    assert sealed_classes([hello], LDSEAL=",".join(["+text", "-text"] * 400 + ["-system"])) == {"relro"}


@pytest.mark.parametrize("note, variable, wanted", [
    ("-system", None, {"text", "relro"}), ("off", "on", BY_DEFAULT), ("-text", "+text", BY_DEFAULT),
    ("require", "off", set())])
def test_the_programs_note_counts_and_the_variable_comes_later(program, note, variable, wanted):
    assert sealed_classes([program(note)], LDSEAL=variable) == wanted


@pytest.mark.parametrize("policy, message", [
    ("nonsense", "environment: LDSEAL: unknown word nonsense; there are on, off, require, +CLASS and -CLASS"),
    ("+nonsense", "environment: LDSEAL: unknown class +nonsense; known: text relro system loader plt data dlopen wx stack")])
def test_a_word_that_nobody_knows_keeps_it_from_starting(hello, policy, message):
    result = run([hello], env=environment(LDSEAL=policy))
    assert (result.status, result.out, result.err) == (CANNOT_START, "", f"ld-seal: {message}\n")


def test_a_note_that_nobody_knows_keeps_it_from_starting(program):
    made = program("nonsense")
    result = run([made])
    message = f"ld-seal: {made}: .note.ldseal: unknown word nonsense; there are on, off, require, +CLASS and -CLASS\n"
    assert (result.status, result.out, result.err) == (CANNOT_START, "", message)


def test_the_trace_ends_in_a_summary_and_is_not_there_unasked(hello):
    assert run([hello]).err == ""
    assert re.fullmatch(r"\d+ ranges sealed in \d+ calls", trace_of([hello]).summary)
    assert trace_of([hello], LDSEAL="off").summary == "not sealed: the policy is off"


def test_the_trace_goes_to_a_file(hello, tmp_path):
    result = run([hello], env=environment(LDSEAL_DEBUG="seal", LD_DEBUG_OUTPUT=tmp_path / "trace"))
    assert result.err == ""
    (file,) = tmp_path.glob("trace.*")
    assert parse_trace(file.read_text()).plan != []


def test_a_trace_that_cannot_be_written_is_an_error(hello, tmp_path):
    missing = tmp_path / "missing" / "trace"
    result = run([hello], env=environment(LDSEAL_DEBUG="seal", LD_DEBUG_OUTPUT=missing))
    assert (result.status, result.err) == (CANNOT_START, f"ld-seal: {missing}: cannot open: No such file or directory\n")


REFUSALS = {"old kernel": errno.ENOSYS, "filter": errno.EPERM, "gVisor": errno.EINVAL}
KILLS = "a seccomp filter kills for mseal"


@pytest.mark.parametrize("ending", ["kill", "kill-thread", "trap"])
def test_where_a_filter_kills_for_mseal_it_starts_unsealed_and_the_trace_says_why(hello, refuse, ending):
    wanted, found = run([hello]), run([*refuse(MSEAL, ending), hello])
    assert (found.status, found.out, found.err) == (wanted.status, wanted.out, wanted.err)
    trace = trace_of([*refuse(MSEAL, ending), hello])
    assert trace.summary == f"not sealed: {KILLS}"
    assert [str(entry) for entry in trace.plan if entry.is_sealed or not entry.reason] == []
    required = run([*refuse(MSEAL, ending), hello], env=environment(LDSEAL="require"))
    assert (required.status, required.out) == (CANNOT_START, "")
    assert required.err.endswith(f": memory cannot be sealed, as the policy requires: {KILLS}\n"), required


@pytest.mark.parametrize("error", REFUSALS.values(), ids=REFUSALS)
def test_without_mseal_it_starts_all_the_same_and_the_trace_says_why(hello, refuse, error):
    wanted, found = run([hello]), run([*refuse(MSEAL, error), hello])
    assert (found.status, found.out, found.err) == (wanted.status, wanted.out, wanted.err)
    trace = trace_of([*refuse(MSEAL, error), hello])
    assert trace.summary == f"not sealed: mseal: {os.strerror(error)}"
    assert [str(entry) for entry in trace.plan if entry.is_sealed or not entry.reason] == []


# Who forbids memory that is executable and writable gives mprotect the error that it gets from sealed memory, too.
@pytest.mark.parametrize("as_well", [[], [MPROTECT, errno.EPERM, 2, READ_AND_EXECUTE]], ids=["alone", "with W^X"])
def test_seals_that_are_only_feigned_are_found_out(hello, refuse, as_well):
    feigning = [*refuse(MSEAL, 0), *(refuse(*as_well) if as_well else [])]
    trace = trace_of([*feigning, hello])
    assert trace.summary == f"not sealed: {NOT_HELD}"
    assert [str(entry) for entry in trace.plan if entry.is_sealed or not entry.reason] == []
    required = run([*feigning, hello], env=environment(LDSEAL="require"))
    reason = f"cannot be sealed, as the policy requires: {NOT_HELD}"
    assert (required.status, required.out) == (CANNOT_START, "")
    assert re.fullmatch(rf"ld-seal: \S+: (text|system) {reason} at address 0x[0-9a-f]+\n", required.err), required


@pytest.mark.parametrize("error", REFUSALS.values(), ids=REFUSALS)
def test_require_refuses_without_mseal(hello, refuse, error):
    result = run([*refuse(MSEAL, error), hello], env=environment(LDSEAL="require"))
    reason = f"cannot be sealed, as the policy requires: {re.escape(os.strerror(error))}"
    assert (result.status, result.out) == (CANNOT_START, "")
    assert re.fullmatch(rf"ld-seal: \S+: (text|system) {reason} at address 0x[0-9a-f]+\n", result.err), result


def test_the_note_alone_can_require(program, refuse):
    made = program("require")
    assert run([made]).status == 0
    assert run([*refuse(MSEAL, errno.ENOSYS), made]).status == CANNOT_START


def test_where_only_guards_are_missing_everything_is_sealed(hello, refuse):
    without_guards = refuse(MADVISE, errno.EINVAL, 2, GUARD_INSTALL)
    assert sealed_classes([*without_guards, hello], LDSEAL="require") == BY_DEFAULT


def test_the_kernels_mappings_are_found_without_proc(hello):
    """By madvise alone, in a name space in which /proc shows nothing."""
    hidden = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$0"', hello]
    result = run(hidden, env=environment(LDSEAL_DEBUG="seal", LDSEAL="require"))
    if "unshare" in result.err or "mount" in result.err:
        pytest.skip(f"no name spaces here: {result.err.strip()}")
    trace = parse_trace(result.err)
    assert {"[vvar]", "[vdso]"} == {entry.object for entry in trace.plan if entry.seal_class == "system"}
    assert [str(entry) for entry in trace.plan if entry.seal_class == "system" and not entry.is_sealed] == []


@pytest.mark.parametrize("classes", [{"text"}, {"system"}, {"relro"}, {"text", "relro", "system"}],
                         ids=lambda classes: ",".join(sorted(classes)))
def test_what_a_supervisor_exempts_is_not_sealed(hello, classes):
    command = [SEALCTL, "run", f"--exempt={','.join(sorted(classes))}", "--", hello]
    plan = trace_of(command).plan
    assert {entry.seal_class for entry in plan if entry.is_sealed} == BY_DEFAULT - classes
    looked_at = classes - {"system"}  # where those mappings are, nobody needs to know then
    assert {(entry.seal_class, entry.reason) for entry in plan if entry.seal_class in classes} == {
        (each, "exempt") for each in looked_at}


@pytest.fixture(params=["glibc", "glibc without the entry", "musl"])
def set_user_id(request):
    """A program of root that nobody may start, on a file system that honours its bit."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to make programs of one user and run them as another")
    folder = Path(tempfile.mkdtemp(prefix="crt-secure-", dir="/var/tmp"))
    try:
        folder.chmod(0o755)
        if os.statvfs(folder).f_flag & os.ST_NOSUID:
            pytest.skip("needs a file system that honours set-user-ID")
        if request.param == "glibc without the entry":
            program = compile_with_glibc_by_hand(folder / "secure", SOURCES / "secure.c")
        else:
            program = compile_sealed(folder / "secure", SOURCES / "secure.c", libc=request.param)
        program.chmod(0o4755)
        yield program
    finally:
        shutil.rmtree(folder)


def test_no_variable_weakens_a_set_user_id_program_or_reaches_what_it_starts(set_user_id):
    weakening = ["LDSEAL=off", "LDSEAL_DEBUG=seal", "LDSEAL_GUARD=prot", "RUNNING_UNDER_RR=1", "LD_DEBUG_OUTPUT=trace"]
    result = run([*AS_NOBODY, "FIRST=1", *weakening, "LDSEAL=-text", "LAST=2", set_user_id], cwd="/")
    assert (result.status, result.err) == (0, ""), result
    lines, _, mappings = result.out.partition("mappings:\n")
    assert lines.startswith(f"secure: 1\npage: {os.sysconf('SC_PAGESIZE')}\nvariable: FIRST=1\n")
    assert lines.endswith("variable: LAST=2\n") and "LDSEAL" not in lines
    areas = parse_smaps(mappings)
    assert [str(area) for area in areas if "x" in area.permissions and area.name != "[vsyscall]"
            and not area.is_sealed] == []


def test_an_ordinary_program_keeps_its_environment(tmp_path):
    program = compile_sealed(tmp_path / "secure", SOURCES / "secure.c")
    result = run([program], env={"LDSEAL": "on", "LAST": "2"})
    assert result.out.splitlines()[:4] == ["secure: 0", f"page: {os.sysconf('SC_PAGESIZE')}", "variable: LDSEAL=on",
                                          "variable: LAST=2"]


def test_the_plan_of_an_emulator_without_mseal_says_so(tmp_path, libc):
    source = SOURCES / ("alone.c" if libc == "none" else "hello.c")
    program = compile_sealed(tmp_path / "program", source, libc=libc, machine="aarch64")
    result = run(["qemu-aarch64", program], env=environment(LDSEAL_DEBUG="seal"))
    assert result.status == STATUS, result
    assert parse_trace(result.err).summary == "not sealed: mseal: Function not implemented"
    refused = run(["qemu-aarch64", program], env=environment(LDSEAL="require"))
    assert (refused.status, refused.out) == (CANNOT_START, ""), refused


def test_data_that_is_sealed_keeps_its_place(attack, built, tmp_path):
    found = inspect(attack, [built("hello")], tmp_path, LDSEAL="+data")
    assert found.result.status == STATUS, found.result
    planned = of(entry for entry in found.trace.plan if entry.is_sealed)
    assert shown(of(area for area in found.areas if area.is_sealed)) == shown(planned)
    assert any(area.is_sealed and area.permissions == "rw-p" for area in found.areas)
