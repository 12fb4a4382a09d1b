"""`sealctl map` says what each mapping is, and agrees with smaps."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from process import run
from sources import sources_of
from survey_tools import FINDING, FINE, NOT_PERMITTED, SEALCTL, USAGE, compile_program, waiting

FIELDS = ["start", "end", "permissions", "name", "kind", "of", "sealed", "reason"]


def map_of(pid, timeout=30):
    result = run([SEALCTL, "map", "--json", str(pid)], timeout=timeout)
    assert result.status in (FINE, FINDING), result
    document = json.loads(result.out)
    assert (document["schema"], document["pid"]) == (1, pid)
    return result.status, document


def smaps_of(pid):
    text = Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8")
    found = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) (...)\S \S+ \S+ \S+ *(.*)\n(?:[A-Z].*\n)*?VmFlags:(.*)\n", text, re.M)
    return [(start, end, permissions, name or None, "sl" in flags.split())
            for start, end, permissions, name, flags in found]


def kinds(document, name):
    return [(mapping["kind"], mapping["sealed"]) for mapping in document["mappings"]
            if mapping["of"] and Path(mapping["of"]).name == name]


@pytest.mark.parametrize("program", ["sealed", "plain", "musl", "sealed_musl", "static", "static_sealed"])
def test_the_map_is_that_of_smaps(program, request):
    with waiting([request.getfixturevalue(program)]) as pid:
        status, document = map_of(pid)
        smaps = smaps_of(pid)
    mappings = [(each["start"].rjust(8, "0"), each["end"].rjust(8, "0"), each["permissions"], each["name"],
                 each["sealed"]) for each in document["mappings"]]
    assert mappings == smaps
    assert all(list(each) == FIELDS and (each["reason"] is None) is each["sealed"] for each in document["mappings"])
    counted = [mapping for mapping in smaps if mapping[3] != "[vsyscall]"]
    assert document["totals"]["mappings"] == len(counted)
    assert document["totals"]["sealed"] == sum(mapping[4] for mapping in counted)
    assert (status == FINE) is ("sealed" in program)


def test_the_segments_of_an_object_are_named(sealed):
    with waiting([sealed]) as pid:
        _, document = map_of(pid)
    for name in (sealed.name, "libc.so.6"):
        seen = kinds(document, name)
        assert {("text", True), ("constants", True), ("relro", True), ("data", False)} <= set(seen), seen
    assert ("system", True) in kinds(document, "[vdso]")
    assert document["totals"]["executable"]["bytes"] == document["totals"]["executable"]["sealed_bytes"] > 0
    assert document["totals"]["writable_and_executable_bytes"] == 0


def test_the_reason_is_that_of_the_process(plain):
    with waiting([plain]) as pid:
        _, document = map_of(pid)
    texts = {mapping["reason"] for mapping in document["mappings"] if mapping["kind"] == "text"}
    assert texts == {f"not adopted: {plain} names /lib64/ld-linux-x86-64.so.2"}


def test_stacks_of_threads_and_their_guards_are_shown(sealed):
    with waiting([sealed, "threads", "3"]) as pid:
        _, document = map_of(pid)
        table = run([SEALCTL, "map", str(pid)]).out
    stacks = [mapping["of"] for mapping in document["mappings"] if mapping["kind"] == "stack"]
    assert f"{pid} (waits)" in stacks
    assert len(document["guards"]) == 3
    assert table.count("guard in the page table") == 3
    for guard in document["guards"]:
        inside = [mapping for mapping in document["mappings"]
                  if int(mapping["start"], 16) <= int(guard["start"], 16) < int(mapping["end"], 16)]
        assert [mapping["permissions"] for mapping in inside] == ["rw-"]


def test_a_command_is_looked_at_when_it_ends(sealed, plain):
    result = run([SEALCTL, "map", "--json", "--", sealed])
    first, _, rest = result.out.partition("\n")
    assert (result.status, first) == (FINE, "ready"), result
    document = json.loads(rest)
    assert (document["loader"], document["verdict"]) == ("ld-seal", "sealed")
    assert run([SEALCTL, "map", "--", plain]).status == FINDING


def test_a_command_that_cannot_be_run_is_one_line():
    result = run([SEALCTL, "map", "--", "/no/such/program"])
    assert (result.status, result.out, result.err) == (
        NOT_PERMITTED, "", "sealctl: /no/such/program: cannot run: No such file or directory\n"), result


@pytest.mark.parametrize("words, line", [
    ([], "either a PID or `-- COMMAND` is needed; --help shows usage"),
    (["1", "--", "true"], "either a PID or `-- COMMAND` is needed; --help shows usage"),
    (["one"], "one: a PID is a positive number"),
])
def test_wrong_usage_is_one_line(words, line):
    result = run([SEALCTL, "map", *words])
    assert (result.status, result.out, result.err) == (USAGE, "", f"sealctl: {line}\n"), result


def test_a_process_that_is_gone_is_one_line():
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    result = run([SEALCTL, "map", str(gone.pid)])
    assert (result.status, result.err) == (
        NOT_PERMITTED, f"sealctl: {gone.pid}: there is no such process, or it is a kernel's\n"), result


def test_the_table_ends_in_totals(sealed):
    with waiting([sealed]) as pid:
        result = run([SEALCTL, "map", str(pid)])
    heading, *lines = result.out.splitlines()
    assert heading.split() == ["ADDRESS", "SIZE", "PERM", "WHAT", "SEALED", "WHY", "NOT"]
    assert re.fullmatch(r"\d+ mappings, \d+ sealed; executable 100\.0 % sealed, read-only \d+\.\d %; writable and "
                        r"executable: none\.", lines[-1]), lines[-1]
    assert any(re.search(rf"r-x +{re.escape(str(sealed))} text( \(anonymous\))? +yes$", line) for line in lines), result


@pytest.mark.slow
def test_a_hundred_thousand_mappings_are_shown_in_seconds(folder):
    program = compile_program(folder / "crumbles", sources_of(__file__) / "crumbles.c")
    limit = Path("/proc/sys/vm/max_map_count")
    before = limit.read_text()
    limit.write_text("200000")
    try:
        with waiting([program, "100000"]) as pid:
            _, document = map_of(pid, timeout=30)  # 3 s on an idle machine
    finally:
        limit.write_text(before)
    assert document["totals"]["mappings"] >= 100_000
