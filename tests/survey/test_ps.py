"""`sealctl ps` says of each kind of process whether it is sealed, and why not."""

import errno
import json
import os
import re
import shutil
import subprocess

import pytest

from loaders import SYSTEM_LOADERS, loader, with_interpreter
from process import environment, run
from survey_tools import (FINDING, FINE, NOBODY, NOT_PERMITTED, SEALCTL, SOURCES, USAGE, compile_program, ps, reasons,
                          seen, waiting)

LIBC_LOADER = SYSTEM_LOADERS["x86_64"]


def is_whole(process):
    memory = process["memory"]
    return (memory["code"]["bytes"] == memory["code"]["sealed_bytes"] > 0 and
            memory["relro"]["objects"] == memory["relro"]["sealed"] > 0 and memory["vdso"] is True)


@pytest.mark.parametrize("program, name", [("sealed", "ld-seal"), ("sealed_musl", "ld-seal"),
                                           ("static_sealed", "static")])
def test_a_sealed_process_is_sealed(program, name, request):
    with waiting([request.getfixturevalue(program)]) as pid:
        status, process = seen(pid)
    assert (status, process["verdict"], process["loader"], process["reasons"]) == (FINE, "sealed", name, []), process
    assert is_whole(process), process


def test_a_program_that_the_loader_runs_as_a_command_is_sealed(plain):
    with waiting([loader("x86_64"), plain]) as pid:
        status, process = seen(pid)
    assert (status, process["verdict"], process["loader"]) == (FINE, "sealed", "ld-seal"), process


@pytest.mark.parametrize("program, name, why, text", [
    ("plain", "glibc", "not-adopted", "not adopted: {program} names /lib64/ld-linux-x86-64.so.2"),
    ("musl", "musl", "not-adopted", "not adopted: {program} names /lib/ld-musl-x86_64.so.1"),
    ("static", "static", "static", "static program that does not seal itself"),
])
def test_a_program_of_another_loader_is_named_with_it(program, name, why, text, request):
    program = request.getfixturevalue(program)
    with waiting([program]) as pid:
        status, process = seen(pid)
    assert (status, process["verdict"], process["loader"]) == (FINDING, "unsealed", name), process
    assert reasons(process) == {why: text.format(program=program)}


def test_a_program_that_libcs_loader_runs_as_a_command_is_named_so(plain):
    with waiting([LIBC_LOADER, plain]) as pid:
        _, process = seen(pid)
    assert reasons(process) == {"not-adopted": f"started by {os.path.realpath(LIBC_LOADER)} as a command"}


def test_a_loader_that_is_unknown_is_named(plain, folder):
    strange = compile_program(folder / "strange-loader", SOURCES / "bare.c", "-nostdlib", "-static-pie")
    (folder / "strange").mkdir()
    with waiting([with_interpreter(plain, strange, folder / "strange")], ready=False) as pid:
        status, process = seen(pid)
    assert (status, process["loader"]) == (FINDING, "other")
    assert reasons(process) == {"other-loader": f"names another loader: {strange}"}


def test_a_32_bit_program_is_named_so(folder):
    program = compile_program(folder / "bare32", SOURCES / "bare.c", "-m32", "-nostdlib", "-static", compiler="clang")
    try:
        subprocess.Popen([program]).kill()
    except OSError as error:
        pytest.skip(f"this kernel runs no 32-bit programs: {error.strerror}")
    with waiting([program], ready=False) as pid:
        status, process = seen(pid)
    assert (status, process["loader"], reasons(process)) == (FINDING, "32-bit", {"not-64-bit": "32-bit program"})


def test_a_program_that_was_started_before_its_loader_was_exchanged_is_named_so(plain, folder):
    name = folder / "exchanged-loader"
    name.symlink_to(LIBC_LOADER)
    (folder / "exchanged").mkdir()
    with waiting([with_interpreter(plain, name, folder / "exchanged")]) as pid:
        before = reasons(seen(pid)[1])
        name.unlink()
        name.symlink_to(loader("x86_64"))
        after = reasons(seen(pid)[1])
    assert (list(before), after) == (["not-adopted"], {"started-before": "started before it was adopted"})


@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOSYS])
def test_a_filter_that_refuses_mseal_is_named(sealed, refuse, error):
    with waiting([sealed], before=refuse(error)) as pid:
        status, process = seen(pid)
    assert (status, process["verdict"], process["seccomp_filter"]) == (FINDING, "unsealed", True)
    assert reasons(process) == {"filter": "a seccomp filter refuses mseal or exempts the program (sealctl run)"}


def test_where_the_kernel_has_no_mseal_that_is_the_reason(sealed, refuse):
    with waiting([sealed], before=refuse(errno.ENOSYS)) as pid:
        _, process = seen(pid, before=refuse(errno.ENOSYS))
    assert reasons(process) == {"no-mseal": "the kernel has no mseal"}


def test_an_exempt_process_is_named(sealed):
    with waiting([sealed], before=[SEALCTL, "run", "--exempt=system", "--"]) as pid:
        _, process = seen(pid)
    assert process["verdict"] == "partly" and process["memory"]["vdso"] is False
    assert reasons(process) == {"system": "vDSO left", "filter": "a seccomp filter is in force (sealctl run?)"}


@pytest.mark.parametrize("words, verdict, expected", [
    ("off", "unsealed", {"policy"}),
    ("off,on", "sealed", set()),
    ("-relro", "partly", {"relro", "policy"}),
    ("-system", "partly", {"system", "policy"}),
])
def test_the_variable_is_named_that_takes_seals_away(sealed, words, verdict, expected):
    with waiting([sealed], env=environment(LDSEAL=words)) as pid:
        _, process = seen(pid)
    assert (process["verdict"], set(reasons(process))) == (verdict, expected), process
    assert "policy" not in expected or reasons(process)["policy"] == f"LDSEAL={words} is set"


def test_the_note_is_named_that_takes_seals_away(folder):
    source = folder / "note.c"
    source.write_text('#include <ldseal/policy.h>\n#include <stdio.h>\nLDSEAL_POLICY("off");\n'
                      'int main(void) { puts("ready"); fflush(stdout); return getchar(); }\n')
    headers = SEALCTL.parents[2] / "ldso/include"
    program = compile_program(folder / "note", source, f"-I{headers}", f"-Wl,--dynamic-linker={loader('x86_64')}")
    with waiting([program]) as pid:
        _, process = seen(pid)
    assert reasons(process) == {"policy": "its note says off"}


def text_relocations(folder):
    source = folder / "absolute.s"
    source.write_text(".text\n.globl absolute\nabsolute: .quad absolute\n"
                      '.section .note.GNU-stack,"",%progbits\n')
    return (source, "-Wl,-z,notext", "-Wl,--no-warnings")


@pytest.mark.parametrize("name, flags, text", [
    ("execstack", lambda folder: ("-zexecstack",), "executable stack (execstack)"),
    ("textrel", text_relocations, "text relocations (textrel)"),
])
def test_a_program_that_was_given_to_libcs_loader_is_named_with_the_reason(folder, name, flags, text):
    program = compile_program(folder / name, SOURCES / "waits.c", "-pthread", *flags(folder),
                              f"-Wl,--dynamic-linker={loader('x86_64')}")
    with waiting([program]) as pid:
        _, process = seen(pid)
    assert (process["verdict"], reasons(process)) == ("unsealed", {"gave-way": f"given to libc's loader: {text}"})


def test_objects_that_were_opened_later_are_named(sealed):
    with waiting([sealed, "open", "libm.so.6"]) as pid:
        status, process = seen(pid)
    assert (status, process["verdict"]) == (FINDING, "partly")
    assert reasons(process) == {"opened-later": "1 objects opened later: libm.so.6"}


def test_an_object_that_is_sealed_when_it_is_opened_is_no_finding(sealed):
    with waiting([sealed, "open", "libm.so.6"], env=environment(LDSEAL="+dlopen")) as pid:
        status, process = seen(pid)
    assert (status, process["verdict"]) == (FINE, "sealed"), process


def test_code_that_was_made_at_run_time_is_counted(sealed):
    with waiting([sealed, "code"]) as pid:
        _, process = seen(pid)
    assert (process["verdict"], reasons(process)) == ("partly",
                                                      {"made-at-run-time": "64 KiB of code made at run time"})


def test_an_object_that_is_only_read_is_no_object(sealed):
    with waiting([sealed, "read", SEALCTL]) as pid:
        status, process = seen(pid)
    assert (status, process["verdict"]) == (FINE, "sealed"), process


@pytest.mark.parametrize("threads", [1, 6, 100])
def test_guards_of_threads_are_counted(sealed, threads):
    with waiting([sealed, "threads", str(threads)]) as pid:
        _, process = seen(pid)
    assert (process["threads"], process["memory"]["guards"]) == (threads + 1, threads)


def test_libcs_own_guards_are_no_guards_in_the_page_table(plain):
    with waiting([plain, "threads", "3"]) as pid:
        _, process = seen(pid)
    assert (process["threads"], process["memory"]["guards"]) == (4, 0)


def test_totals_are_those_of_the_processes(sealed, plain, static):
    with waiting([sealed]) as a, waiting([plain]) as b, waiting([static]) as c, waiting([sealed, "code"]) as d:
        status, document = ps(a, b, c, d)
    totals = document["totals"]
    counts = {name: totals[name] for name in ("processes", "sealed", "partly", "unsealed", "unknown")}
    assert counts == {"processes": 4, "sealed": 1, "partly": 1, "unsealed": 2, "unknown": 0}
    code = [process["memory"]["code"] for process in document["processes"]]
    assert totals["code_bytes"] == sum(each["bytes"] for each in code)
    assert totals["code_sealed_bytes"] == sum(each["sealed_bytes"] for each in code)
    assert status == FINDING


def test_the_code_is_that_of_smaps(sealed):
    with waiting([sealed, "open", "libm.so.6"]) as pid:
        _, process = seen(pid)
        with open(f"/proc/{pid}/smaps", encoding="utf-8") as file:
            text = file.read()
    mappings = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) ..x\S* .*?([^ ]*)\n(?:[A-Z].*\n)*?VmFlags:(.*)\n", text, re.M)
    code = [(int(end, 16) - int(start, 16), "sl" in flags.split())
            for start, end, name, flags in mappings if name != "[vsyscall]"]
    assert process["memory"]["code"] == {
        "bytes": sum(size for size, _ in code), "sealed_bytes": sum(size for size, is_sealed in code if is_sealed),
        "ranges": len(code), "sealed_ranges": sum(is_sealed for _, is_sealed in code)}


def test_a_process_whose_files_are_gone_is_described_all_the_same(sealed, folder):
    copy = folder / "soon-gone"
    shutil.copy(sealed, copy)
    with waiting([copy]) as pid:
        copy.unlink()
        status, process = seen(pid)
    assert (status, process["verdict"], process["executable"]) == (FINE, "sealed", f"{copy} (deleted)")
    assert is_whole(process)


def test_all_processes_are_shown_without_arguments(sealed, plain):
    with waiting([sealed]) as one, waiting([plain]) as other:
        status, document = ps()
    verdicts = {process["pid"]: process["verdict"] for process in document["processes"]}
    assert (verdicts[one], verdicts[other], status) == ("sealed", "unsealed", FINDING)
    assert 2 not in verdicts or os.readlink("/proc/2/exe"), "a kernel thread"


def test_only_the_unsealed_are_shown_and_the_totals_are_those_of_all(sealed, plain):
    with waiting([sealed]) as one, waiting([plain]) as other:
        _, document = ps("--unsealed", one, other)
    assert [process["pid"] for process in document["processes"]] == [other]
    assert document["totals"]["processes"] == 2


def test_only_those_of_a_user_are_shown(plain):
    sleep = ["/bin/sleep", "100"]
    with waiting(sleep, user=NOBODY, ready=False) as theirs, waiting([plain]) as ours:
        _, document = ps("--user", "nobody")
        _, by_number = ps("--user", NOBODY, theirs, ours)
    assert theirs in [process["pid"] for process in document["processes"]]
    assert {process["user"] for process in document["processes"]} == {NOBODY}
    assert [process["pid"] for process in by_number["processes"]] == [theirs]


@pytest.fixture
def sealctl_for_all(sealctl):
    """A name by which every user can execute it, even from a folder that is closed to others."""
    file = os.open(sealctl, os.O_RDONLY)
    yield {"args": [f"/proc/self/fd/{file}", "ps", "--json"], "pass_fds": [file]}
    os.close(file)


def as_nobody(sealctl_for_all, *arguments):
    words = [*sealctl_for_all["args"], *map(str, arguments)]
    result = subprocess.run(words, pass_fds=sealctl_for_all["pass_fds"], user=NOBODY, group=NOBODY, extra_groups=[],
                            capture_output=True, timeout=30, check=False)
    return result.returncode, json.loads(result.stdout)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_a_user_sees_own_processes_and_the_others_counted(sealctl_for_all, sealed):
    with waiting(["/bin/sleep", "100"], user=NOBODY, ready=False) as own, waiting([sealed]) as others:
        status, document = as_nobody(sealctl_for_all)
        one_status, one = as_nobody(sealctl_for_all, others)
    processes = {process["pid"]: process for process in document["processes"]}
    assert (processes[own]["verdict"], list(reasons(processes[own]))) == ("unsealed", ["not-adopted"])
    assert processes[others]["verdict"] == "unknown" and processes[others]["memory"] is None
    assert reasons(processes[others]) == {"not-permitted": "may not be looked at"}
    unknown = [process for process in processes.values() if process["verdict"] == "unknown"]
    assert (document["totals"]["unknown"], status) == (len(unknown), FINDING)
    assert (one_status, one["totals"]["unknown"]) == (NOT_PERMITTED, 1)


def test_a_process_that_is_gone_has_a_line_and_a_status(sealed):
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    with waiting([sealed]) as pid:
        result = run([SEALCTL, "ps", str(pid), str(gone.pid)])
    assert (result.status, result.err) == (
        NOT_PERMITTED, f"sealctl: {gone.pid}: there is no such process, or it is a kernel's\n"), result


@pytest.mark.parametrize("words, line", [
    (["x"], "x: a PID is a positive number"),
    (["-1"], "-1: a PID is a positive number"),
    (["--user", "no such user"], "no such user: /etc/passwd has no such user; give the number"),
    (["--fast"], "--fast: unknown subcommand or option; --help lists what there is"),
    (["--color", "red"], "--color: red not in {auto,always,never}"),
])
def test_wrong_usage_is_one_line_and_status_2(words, line):
    result = run([SEALCTL, "ps", *words])
    assert (result.status, result.out, result.err) == (USAGE, "", f"sealctl: {line}\n"), result


def test_the_table_has_the_columns_and_ends_in_totals(sealed, plain):
    with waiting([sealed]) as one, waiting([plain]) as other:
        result = run([SEALCTL, "ps", str(one), str(other)])
    heading, *lines = result.out.splitlines()
    assert heading.split() == ["PID", "UNIT", "COMMAND", "LOADER", "CODE", "SEALED", "RELRO", "VDSO", "GUARDS",
                               "WHY", "NOT"]
    by_pid = {int(line.split()[0]): line for line in lines if re.match(r"\s*\d+ ", line) and "processes:" not in line}
    assert re.search(r" waits +ld-seal +100 % \(\d+\)  yes    yes +-$", by_pid[one]), result
    assert re.search(r" waits +glibc +0 % \(0\)  no     no +-  not adopted: ", by_pid[other]), result
    assert "  not-adopted (1): sealctl adopt" in result.out
    assert re.fullmatch(r"2 processes: 1 sealed, 0 partly, 1 not\. Executable memory sealed \d+\.\d % "
                        r"\(\d+ of \d+ MiB\)\.", lines[-1]), lines[-1]


@pytest.mark.parametrize("words, variables, is_coloured", [
    ([], {}, False), (["--color=always"], {"NO_COLOR": "1"}, True), (["--color=never"], {}, False)])
def test_colours_are_asked_for_or_for_a_terminal(plain, words, variables, is_coloured):
    with waiting([plain]) as pid:
        result = run([SEALCTL, "ps", *words, str(pid)], env=environment(**variables))
    assert ("\x1b[" in result.out) is is_coloured, result


@pytest.mark.parametrize("variables, is_coloured", [
    ({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({"TERM": "xterm", "NO_COLOR": "1"}, False)])
def test_a_terminal_gets_colours_unless_it_says_no(plain, variables, is_coloured):
    with waiting([plain]) as pid:
        result = run(["script", "-qec", f"{SEALCTL} ps {pid}", "/dev/null"],
                     env=environment(NO_COLOR=variables.get("NO_COLOR"), TERM=variables["TERM"]))
    assert ("\x1b[" in result.out) is is_coloured, result


def test_a_name_that_another_process_chose_does_not_reach_the_terminal(folder, plain):
    evil = folder / "evil\x1b[2J\nname"
    shutil.copy(plain, evil)
    with waiting([evil]) as pid:
        result = run([SEALCTL, "ps", str(pid)])
        _, process = seen(pid)
    assert "evil\\x1b[2J\\x0aname" in result.out and "\x1b" not in result.out, result
    assert process["command"] == "evil\x1b[2J\nname"


def test_output_that_is_not_taken_is_an_error(plain):
    with waiting([plain]) as pid, open("/dev/full", "wb") as full:
        result = subprocess.run([SEALCTL, "ps", str(pid)], stdout=full, stderr=subprocess.PIPE, timeout=30, check=False)
    assert result.returncode == NOT_PERMITTED
    assert result.stderr == b"sealctl: standard output: cannot write: No space left on device\n"


SCHEMA = {
    "pid": int, "user": int, "unit": (str, type(None)), "cgroup": str, "command": str,
    "executable": (str, type(None)), "loader": str, "threads": int, "seccomp_filter": bool, "verdict": str,
    "reasons": list, "memory": (dict, type(None))}


def test_the_json_object_has_its_schema():
    _, document = ps()
    assert list(document) == ["schema", "processes", "totals"] and document["schema"] == 1
    assert document["processes"]
    for process in document["processes"]:
        assert list(process) == list(SCHEMA)
        assert all(isinstance(process[name], kind) for name, kind in SCHEMA.items()), process
        assert process["verdict"] in ("sealed", "partly", "unsealed", "unknown")
        assert (process["reasons"] == []) is (process["verdict"] == "sealed"), process
        assert all(list(reason) == ["why", "text", "do"] for reason in process["reasons"])
