"""`sealctl map` says what each mapping is, and agrees with smaps."""

import json
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from loaders import loader
from process import run
from sources import sources_of
from survey_tools import (
    FINDING, FINE, NOT_PERMITTED, SEALCTL, SOURCES, USAGE, compile_program, sleeping_threads, waiting)

FIELDS = ["start", "end", "permissions", "name", "kind", "of", "file", "sealed", "reason"]


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


def size_of(mappings, letters, sealed=False):
    return sum(int(end, 16) - int(start, 16) for start, end, permissions, _, is_sealed in mappings
               if all(letter in permissions for letter in letters) and (is_sealed or not sealed))


def kinds(document, name):
    return [(mapping["kind"], mapping["sealed"]) for mapping in document["mappings"]
            if mapping["of"] and Path(mapping["of"]).name == name]


PROGRAMS = ["sealed", "plain", "musl", "sealed_musl", "static", "static_sealed", "bare"]
GENEROSITY = 2  # other tests run beside this one, and machines differ
STATES = {"": [], "threads": ["threads", "5"], "code": ["code"], "children": ["fork", "2"]}
CASES = [(program, state) for program in PROGRAMS for state in STATES if not (program == "bare" and state)]


@pytest.fixture(scope="session")
def bare(folder):
    """Without a libc."""
    return compile_program(folder / "bare", SOURCES / "bare.c", "-static", "-nostdlib", "-fno-stack-protector")


@pytest.mark.parametrize("program, state", CASES)
def test_the_map_is_that_of_smaps(program, state, request):
    """22 live programs: glibc, musl and no libc, under ld-seal, other loaders and none."""
    is_bare = program == "bare"  # it cannot say that it is ready
    with waiting([request.getfixturevalue(program), *STATES[state]], ready=not is_bare) as pid:
        while is_bare and Path(f"/proc/{pid}/comm").read_text() != "bare\n":
            time.sleep(0.01)
        status, document = map_of(pid)
        smaps = smaps_of(pid)
    mappings = [(each["start"].rjust(8, "0"), each["end"].rjust(8, "0"), each["permissions"], each["name"],
                 each["sealed"]) for each in document["mappings"]]
    assert mappings == smaps
    assert all(list(each) == FIELDS and (each["reason"] is None) is each["sealed"] for each in document["mappings"])
    counted = [mapping for mapping in smaps if mapping[3] != "[vsyscall]"]
    assert document["totals"]["mappings"] == len(counted)
    assert document["totals"]["sealed"] == sum(mapping[4] for mapping in counted)
    assert document["totals"]["executable"]["bytes"] == size_of(counted, "x")
    assert document["totals"]["executable"]["sealed_bytes"] == size_of(counted, "x", sealed=True)
    assert document["totals"]["writable_and_executable_bytes"] == size_of(counted, "wx")
    assert (status == FINE) is ("sealed" in program and state != "code")


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
        threads = sleeping_threads(pid)
        _, document = map_of(pid)
        table = run([SEALCTL, "map", str(pid)]).out
    stacks = [mapping["of"] for mapping in document["mappings"] if mapping["kind"] == "stack"]
    assert f"{pid} (waits)" in stacks
    assert len(document["guards"]) == 3
    assert len(re.findall(r"guard in the page table of thread \d+ \(waits\)", table)) == 3
    assert {guard["of"] for guard in document["guards"]} == {f"{thread} (waits)" for thread in threads - {pid}}
    assert document["totals"]["guarded_bytes"] == 3 * (64 << 10)
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
    (["0"], "0: a PID is a positive number"),
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


def test_the_table_fits_a_line_of_totals_with_guards(sealed):
    with waiting([sealed, "threads", "2"]) as pid:
        result = run([SEALCTL, "map", str(pid)])
    assert result.out.endswith("; guards in the page table: 128k.\n"), result


def test_guards_that_are_mappings_are_named(plain):
    """As libc's own loader makes them."""
    with waiting([plain, "threads", "2"]) as pid:
        sleeping_threads(pid)
        _, document = map_of(pid)
    guards = [mapping for mapping in document["mappings"] if mapping["kind"] == "guard"]
    assert [guard["permissions"] for guard in guards] == ["---"] * 2
    assert all(re.fullmatch(r"\d+ \(waits\)", guard["of"]) for guard in guards)
    assert len({guard["of"] for guard in guards}) == 2


@pytest.fixture(scope="session")
def apart(folder):
    """Its segments lie 64 KiB apart."""
    return compile_program(folder / "apart", SOURCES / "waits.c", "-pthread", "-Wl,-z,max-page-size=65536",
                           f"-Wl,--dynamic-linker={loader('x86_64')}")


def test_holes_of_objects_are_shown_if_they_are_asked_for(apart):
    """ld-seal fills the gaps between segments with guards, the kernel leaves them unmapped."""
    for command, place, others in (([loader("x86_64"), apart], "guards", "holes"), ([apart], "holes", "guards")):
        with waiting(command) as pid:
            _, without = map_of(pid)
            document = json.loads(run([SEALCTL, "map", "--json", "--holes", str(pid)]).out)
            table = run([SEALCTL, "map", "--holes", str(pid)]).out
        assert without[place] == []
        assert [hole["of"] for hole in document[place]].count(str(apart)) >= 2, document[place]
        assert str(apart) not in [hole["of"] for hole in document[others]]
        words = f"guard in the page table in {apart}" if place == "guards" else f"{apart} hole: nothing is mapped"
        assert table.count(words) >= 2, table


def test_a_saved_map_shows_the_same_table(apart, tmp_path):
    with waiting([apart, "threads", "2"]) as pid:
        sleeping_threads(pid)
        live = run([SEALCTL, "map", "--holes", str(pid)])
        (tmp_path / "map.json").write_text(run([SEALCTL, "map", "--holes", "--json", str(pid)]).out)
    saved = run([SEALCTL, "map", tmp_path / "map.json"])
    assert (saved.status, saved.out) == (live.status, live.out)
    assert "hole: nothing is mapped" in saved.out and "guard in the page table of thread " in saved.out


def test_a_command_that_executes_another_one_is_looked_at_when_that_ends(sealed):
    result = run([SEALCTL, "map", "--json", "--", "sh", "-c", f"exec {sealed}"])
    assert (result.status, result.out.partition("\n")[0]) == (FINE, "ready"), result


def save(path, *words):
    result = run([SEALCTL, "map", "--json", *map(str, words)])
    path.write_text(result.out[result.out.index("{"):])
    return path


def difference(*words):
    result = run([SEALCTL, "map", "--json", *map(str, words)])
    document = json.loads(result.out)
    assert result.status == (FINDING if document["changes"] else FINE), result
    return document


def test_two_maps_of_one_process_differ_in_nothing(sealed, tmp_path):
    with waiting([sealed]) as pid:
        before = save(tmp_path / "before.json", pid)
        found = difference(before, "--diff", pid)
        table = run([SEALCTL, "map", before, "--diff", str(pid)])
    assert (found["compared_by"], found["changes"], found["schema"]) == ("address", [], 1)
    assert table.out == "0 changes, 0 seals lost, 0 gained; compared by address.\n"


def test_two_processes_of_a_program_are_compared_by_object(sealed):
    with waiting([sealed]) as first, waiting([sealed, "threads", "2"]) as second:
        found = difference(first, "--diff", second)
    assert (found["compared_by"], found["changes"]) == ("object", [])


def test_a_seal_that_is_lost_is_a_change(sealed, tmp_path):
    without = save(tmp_path / "without.json", "--", *("env", "LDSEAL=-relro", sealed))
    with_all = save(tmp_path / "with.json", "--", sealed)
    lost = [change for change in difference(with_all, "--diff", without)["changes"] if "seal-lost" in change["changes"]]
    assert {change["what"].rsplit("/", 1)[-1].split(" ")[1] for change in lost} == {"relro"}
    assert all((change["before"]["sealed"], change["after"]["sealed"]) == (True, False) for change in lost)
    gained = difference(without, "--diff", with_all)["changes"]
    assert sum("seal-gained" in change["changes"] for change in gained) == len(lost) > 2
    table = run([SEALCTL, "map", with_all, "--diff", without]).out
    assert f"{len(lost)} seals lost, 0 gained; compared by object." in table


def test_code_that_is_made_later_is_new(sealed):
    with waiting([sealed]) as first, waiting([sealed, "code"]) as second:
        (change,) = difference(first, "--diff", second)["changes"]
    assert (change["changes"], change["what"], change["before"]) == (["new"], "code", None)


@pytest.mark.parametrize("text, lacks", [
    ("", "parse error"), ("[]", "type"), ("{}", "schema"), ('{"schema": 2}', "schema"),
    ('{"schema":1,"pid":1,"command":"a","loader":"x","verdict":"x","guards":[],"mappings":[{"start":"1","end":"1",'
     '"kind":"text","permissions":"r--","name":null,"of":null,"file":true,"sealed":true,"reason":null}]}', "end"),
    ('{"schema":1,"pid":1,"command":"a","loader":"x","verdict":"x","guards":[],"mappings":[{"start":"1","end":"2",'
     '"kind":"odd","permissions":"r--","name":null,"of":null,"file":true,"sealed":true,"reason":null}]}', "kind"),
])
def test_a_file_that_is_no_map_is_one_line(tmp_path, text, lacks):
    (tmp_path / "file").write_text(text)
    result = run([SEALCTL, "map", tmp_path / "file"])
    assert (result.status, result.out, result.err.count("\n")) == (USAGE, "", 1), result
    assert "was not written by `sealctl map --json` of this version: " in result.err and lacks in result.err


def test_a_file_that_is_missing_is_one_line():
    result = run([SEALCTL, "map", "/no/such/file"])
    assert (result.status, result.err) == (
        NOT_PERMITTED, "sealctl: /no/such/file: cannot read: No such file or directory\n"), result


@pytest.mark.slow
def test_a_thousand_processes_that_end_meanwhile_crash_nothing(sealed):
    """Each is looked at a little later in its life than the one before."""
    seen = set()
    for number in range(1000):
        process = subprocess.Popen([sealed], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        time.sleep(number % 20 / 4000)
        result = run([SEALCTL, "map", *(["--holes"] if number % 2 else []), str(process.pid)])
        process.wait()
        assert result.status in (FINE, FINDING, NOT_PERMITTED), result
        assert result.err.count("\n") == (1 if result.status == NOT_PERMITTED else 0), result
        seen.add(result.status)
    assert NOT_PERMITTED in seen and len(seen) > 1


@pytest.mark.slow
@pytest.mark.parametrize("words", [["--json"], [], ["--svg=/dev/null"]], ids=["json", "table", "picture"])
def test_a_hundred_thousand_mappings_are_shown_in_seconds(folder, words):
    """Of the program's own time: the kernel's differs between machines. The goal is three, where nothing else runs."""
    program = compile_program(folder / "crumbles", sources_of(__file__) / "crumbles.c")
    limit = Path("/proc/sys/vm/max_map_count")
    before = limit.read_text()
    limit.write_text("200000")
    try:
        with waiting([program, "100000"]) as pid:
            used = os.times()
            result = run([SEALCTL, "map", *words, str(pid)], timeout=120)
            seconds = os.times().children_user - used.children_user
    finally:
        limit.write_text(before)
    assert result.status == FINDING, result
    if words == ["--json"]:
        assert json.loads(result.out)["totals"]["mappings"] >= 100_000
    assert seconds < 3 * GENEROSITY
