"""`sealctl trace` shows what the loader did: the plan is that of its trace, and the seals are those of smaps."""

import json
import os
import re
import signal
from pathlib import Path

import pytest

from loaders import loader
from process import environment, run
from survey_tools import FINDING, FINE, NOT_PERMITTED, SEALCTL, USAGE

LOADER = loader("x86_64")
FIELDS = ["start", "end", "permissions", "class", "object", "sealed", "reason"]


def trace(*words, **options):
    """The exit status, what the command printed, and the JSON object."""
    result = run([SEALCTL, "trace", "--json", *map(str, words)], timeout=60, **options)
    assert result.status in (FINE, FINDING), result
    printed, _, text = result.out.partition('{\n  "schema": 1,')
    return result.status, printed, json.loads('{"schema": 1,' + text)


def ranges_of(document):
    """Of the only plan."""
    (plan,) = document["plans"]
    assert all(list(each) == FIELDS and (each["reason"] is None) is each["sealed"] for each in plan["ranges"])
    return plan["ranges"]


def classes(document, **wanted):
    return {each["class"] for each in ranges_of(document) if all(each[name] == wanted[name] for name in wanted)}


def test_the_sealed_ranges_are_those_of_smaps():
    status, printed, document = trace("--", LOADER, "/bin/cat", "/proc/self/smaps")
    assert (status, document["status"], document["signal"]) == (FINE, 0, None)
    shown = re.findall(r"^(\w+)-(\w+) .*\n(?:[A-Z].*\n)*?VmFlags:(.* sl .*|.*)\n", printed, re.MULTILINE)
    pages = lambda start, end: set(range(int(start, 16) >> 12, int(end, 16) >> 12))  # noqa: E731
    in_smaps = set().union(*(pages(start, end) for start, end, flags in shown if " sl " in flags))
    in_plan = set().union(*(pages(each["start"], each["end"]) for each in ranges_of(document) if each["sealed"]))
    assert in_plan == in_smaps and len(in_plan) > 100


def test_each_line_is_one_of_the_loaders():
    _, _, document = trace("--", LOADER, "/bin/true")
    lines = run([LOADER, "/bin/true"], env=environment(LDSEAL_DEBUG="seal")).err.splitlines()
    told = [line.partition(":\tseal: ")[2] for line in lines if "-" in line.partition(":\tseal: ")[2].split(" ")[0]]
    without_place = [line.split(" ", 1)[1] for line in told]
    made = [f"{each['permissions']} {each['class']} {'sealed' if each['sealed'] else 'left'} {each['object']}"
            + (f" ({each['reason']})" if each["reason"] else "") for each in ranges_of(document)]
    assert sorted(made) == sorted(without_place)
    assert document["plans"][0]["result"] == lines[-1].partition("seal: ")[2]


def test_a_policy_is_followed_and_is_no_finding():
    status, _, document = trace("--policy=-relro", "--", LOADER, "/bin/true")
    assert status == FINE
    assert "relro" in classes(document, sealed=False, reason="class is off")
    assert "relro" not in classes(document, sealed=True)


def test_what_is_exempt_is_a_finding():
    status, _, document = trace("--exempt=relro", "--", LOADER, "/bin/true")
    assert (status, document["plans"][0]["carried_out"]) == (FINDING, False)
    assert classes(document, reason="exempt") == {"relro"}


def test_a_kernel_that_refuses_is_a_finding(refuse):
    words = [*map(str, refuse(38)), str(SEALCTL), "trace", "--json", "--", str(LOADER), "/bin/true"]
    result = run(words)
    (plan,) = json.loads(result.out)["plans"]
    assert result.status == FINDING
    assert "not sealed: mseal: " in plan["result"] and plan["carried_out"] is False


def test_a_static_program_that_seals_itself_has_a_plan(static_sealed):
    status, printed, document = trace("--", static_sealed)
    assert (status, printed) == (FINE, "ready\n")
    assert {"text", "relro", "system"} <= classes(document, sealed=True)


def test_guards_of_threads_are_noted(sealed):
    def notes(*words):
        return trace(*words, "--", sealed, "threads", "2")[2]["plans"][0]["notes"]
    by_itself = notes()
    assert "threads: guards are in the page table" in by_itself
    assert sum(note.startswith("threads: guard ") for note in by_itself) == 2
    assert "threads: guards are left to libc (LDSEAL_GUARD=prot)" in notes("--guard=prot")


def test_objects_that_are_opened_later_have_a_plan():
    status, _, document = trace("--policy=+dlopen", "--", LOADER, "/usr/bin/python3", "-c", "import ctypes")
    assert status == FINE
    assert [plan["kind"] for plan in document["plans"]][:2] == ["start", "opened-later"]
    later = [each["object"] for each in document["plans"][1]["ranges"]]
    assert any("_ctypes" in name for name in later)


def test_a_program_that_another_loader_starts_is_a_finding_that_says_what_to_do(plain):
    result = run([SEALCTL, "trace", "--", plain])
    assert (result.status, result.err) == (FINDING, "")
    assert result.out == (f"ready\nld-seal has not started {plain}: `sealctl check {plain}` says why, "
                          "sealctl-adopt(1) what to do.\n")


def test_a_program_that_is_given_away_is_a_finding():
    status, _, document = trace("--", LOADER, "/bin/true", env=environment(LD_AUDIT="/no/such/object"))
    assert status == FINDING
    assert document["plans"][0]["gave_way"] == "/bin/true: is to be audited: LD_AUDIT /no/such/object"
    assert classes(document, sealed=True) == {"system"}


def test_children_are_shown_if_they_are_asked_for():
    command = ["--", LOADER, "/bin/sh", "-c", f"{LOADER} /bin/true; :"]
    _, _, alone = trace(*command)
    _, _, both = trace("--children", *command)
    assert [plan["pid"] for plan in alone["plans"]] == [alone["pid"]]
    pids = [plan["pid"] for plan in both["plans"]]
    assert pids[0] == both["pid"] and len(set(pids)) == 2


@pytest.mark.parametrize("words, status, killed_by", [("exit 7", 7, None), ("kill -9 $$", None, int(signal.SIGKILL))])
def test_the_end_of_the_command_is_in_the_document(words, status, killed_by):
    _, _, document = trace("--", LOADER, "/bin/sh", "-c", words)
    assert (document["status"], document["signal"]) == (status, killed_by)


def test_standard_error_is_the_commands():
    result = run([SEALCTL, "trace", "--json", "--", LOADER, "/bin/sh", "-c", "echo said >&2"])
    assert result.err == "said\n"


def test_no_file_is_left(tmp_path):
    run([SEALCTL, "trace", "--", LOADER, "/bin/true"], env=environment(TMPDIR=str(tmp_path)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.getuid() != 0, reason="root alone becomes another user")
def test_a_command_that_becomes_another_user_writes_its_trace(tmp_path):
    tmp_path.chmod(0o755)
    Path(tmp_path.parent).chmod(0o755)
    words = ["setpriv", "--reuid=65534", "--clear-groups", "--regid=65534", str(LOADER), "/bin/true"]
    _, _, document = trace("--", *words)
    assert document["plans"], "the other user may not reach the loader" if document["status"] else document


def test_the_table_is_readable():
    result = run([SEALCTL, "trace", "--", LOADER, "/bin/true"])
    heading, *lines, method, conclusion = result.out.splitlines()
    assert heading.split() == ["ADDRESS", "SIZE", "PERM", "CLASS", "VERDICT", "OBJECT"]
    assert re.fullmatch(r"\d+ ranges sealed in \d+ calls", conclusion)
    assert method.startswith("vDSO and vvar: found by ")
    assert any(re.fullmatch(r"\S+ +\d+k  rw-   data +left +/bin/true  \(class is off\)", line) for line in lines)


@pytest.mark.parametrize("words, status, line", [
    ([], USAGE, "`-- COMMAND` is needed; --help shows usage"),
    (["--"], USAGE, "`-- COMMAND` is needed; --help shows usage"),
    (["true"], USAGE, "true: unknown subcommand or option; --help lists what there is"),
    (["--policy=+heap", "--", "true"], USAGE,
     "--policy: +heap: unknown word; there are on, off, require, +CLASS and -CLASS"),
    (["--exempt=heap", "--", "true"], USAGE, "heap: unknown class; --help lists what there is"),
    (["--", "/no/such/program"], NOT_PERMITTED, "/no/such/program: cannot run: No such file or directory"),
])
def test_what_cannot_be_done_is_one_line(words, status, line):
    result = run([SEALCTL, "trace", *words])
    assert (result.status, result.out, result.err) == (status, "", f"sealctl: {line}\n"), result


def test_a_filter_that_is_refused_is_said(tmp_path, refuse):
    """seccomp(2) by prctl: 157, option PR_SET_SECCOMP."""
    program = refuse(1)[0]
    result = run([program, "157", "1", "0", "22", "--", SEALCTL, "trace", "--exempt=text", "--", "/bin/true"])
    assert result.status == NOT_PERMITTED
    assert result.err == "sealctl: cannot install the seccomp filter: Operation not permitted\n"
