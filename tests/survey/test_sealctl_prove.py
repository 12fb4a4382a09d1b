"""`sealctl prove` finds each seal that is missing, says which, and changes nothing of a process that it is given."""

import errno
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from loaders import loader, with_interpreter
from process import environment, run
from survey_tools import (
    FINDING, FINE, NOBODY, NOT_PERMITTED, REFUSE, SEALCTL, USAGE, compile_program, sleeping_threads, waiting)

LOADER = loader("x86_64")
STOPPED_BY_SEALS = ["munmap", "munmap of a page", "mprotect rwx", "mprotect none", "pkey_mprotect", "mremap away",
                    "mremap onto", "mmap MAP_FIXED", "shmat SHM_REMAP", "madvise DONTNEED", "userfaultfd"]
LET_THROUGH = ["madvise GUARD_INSTALL", "madvise DONTFORK", "/proc/self/mem"]
USERFAULTFD = 323


def prove(*words, **options):
    result = run([SEALCTL, "prove", "--json", *map(str, words)], timeout=120, **options)
    assert result.status in (FINE, FINDING) and result.err == "", result
    document = json.loads(result.out[result.out.index("{"):])
    assert document["schema"] == 1
    for mapping in document["mappings"]:
        assert [attempt["attack"] for attempt in mapping["attempts"]] == STOPPED_BY_SEALS + LET_THROUGH
    return result.status, document


def missing(document):
    """(group, name of the object) of each mapping whose seal is missing."""
    return {(each["group"], Path(each["of"]).name) for each in document["mappings"] if not each["held"]}


def test_all_seals_of_a_program_hold(sealed):
    status, document = prove("--", sealed)
    assert (status, missing(document), document["loader"]) == (FINE, set(), "ld-seal")
    assert document["totals"]["missing"] == 0 and document["totals"]["mappings"] > 15
    groups = {mapping["group"] for mapping in document["mappings"]}
    assert groups == {"text", "relro", "system", "loader"}
    assert {Path(each["of"]).name for each in document["mappings"]} >= {
        sealed.name, "libc.so.6", LOADER.name, "[vdso]", "[vvar]"}


def test_what_was_attacked_is_what_smaps_shows_as_sealed(sealed):
    """Nothing that is sealed is left out."""
    _, document = prove("--", sealed)
    result = run([SEALCTL, "map", "--json", "--", sealed])
    mapped = json.loads(result.out[result.out.index("{"):])["mappings"]
    shape = lambda each: (each["of"], each["kind"], each["permissions"])  # noqa: E731
    assert sorted(map(shape, document["mappings"])) == sorted(shape(each) for each in mapped if each["sealed"])


@pytest.mark.parametrize("words, groups", [
    ("-relro", {"relro"}), ("-system", {"system"}), ("-text", {"text", "loader"}),
])
def test_a_class_that_is_off_is_found_and_named(sealed, words, groups):
    status, document = prove("--", sealed, env=environment(LDSEAL=words))
    assert status == FINDING
    assert {group for group, _ in missing(document)} == groups
    result = run([SEALCTL, "prove", "--", sealed], env=environment(LDSEAL=words))
    assert result.status == FINDING
    lines = [line for line in result.out.splitlines() if line.startswith("MISSING  ")]
    assert len(lines) == document["totals"]["missing"] > 0
    assert all("munmap, " in line for line in lines)


def test_relro_that_is_not_sealed_is_named_for_every_object(sealed):
    _, document = prove("--", sealed, env=environment(LDSEAL="-relro"))
    assert missing(document) == {("relro", name) for name in (sealed.name, "libc.so.6", "ld-linux-x86-64.so.2")}
    open_attacks = {attempt["attack"] for each in document["mappings"] if not each["held"]
                    for attempt in each["attempts"] if attempt["outcome"] == "open"}
    assert set(STOPPED_BY_SEALS) <= open_attacks


def test_every_attack_works_on_a_program_that_is_not_sealed(plain):
    """So each of them can fail."""
    status, document = prove("--", plain)
    assert (status, document["totals"]["missing"]) == (FINDING, len(document["mappings"]))
    worked = {attempt["attack"] for each in document["mappings"] for attempt in each["attempts"]
              if attempt["outcome"] == "open"}
    assert worked >= set(STOPPED_BY_SEALS) - {"userfaultfd"}


@pytest.mark.parametrize("program", ["sealed_musl", "static_sealed"])
def test_programs_of_other_kinds_hold(program, request):
    status, document = prove("--", request.getfixturevalue(program))
    assert (status, missing(document)) == (FINE, set())
    assert {"text", "relro", "system"} <= {mapping["group"] for mapping in document["mappings"]}


def test_a_program_that_the_loader_runs_as_a_command_holds():
    status, document = prove("--", LOADER, "/bin/ls", "/")
    assert (status, missing(document)) == (FINE, set())
    assert "ls" in {Path(each["of"]).name for each in document["mappings"]}


def test_the_program_itself_does_not_run(sealed, tmp_path):
    copy = with_interpreter(Path("/usr/bin/touch"), LOADER, tmp_path)
    status, _ = prove("--", copy, tmp_path / "made")
    assert status == FINE and not (tmp_path / "made").exists()
    assert run([copy, tmp_path / "made"]).status == 0 and (tmp_path / "made").exists()


def test_strict_counts_what_the_kernel_lets_through(sealed):
    loose, strict = (run([SEALCTL, "prove", *words, "--", sealed]) for words in ([], ["--strict"]))
    assert (loose.status, strict.status) == (FINE, FINDING), "guards pass the seals of text"
    assert loose.out == strict.out
    assert re.search(r"^madvise GUARD_INSTALL +open .* held +held ", loose.out, re.MULTILINE), loose


def test_an_attack_that_cannot_be_prepared_proves_nothing(sealed, folder):
    refuse = compile_program(folder / "refuse-for-prove", REFUSE)
    words = [str(refuse), str(USERFAULTFD), str(int(errno.EPERM)), "--", str(SEALCTL), "prove"]
    table, text = run([*words, "--", sealed]), run([*words, "--json", "--", sealed])
    assert re.search(r"^userfaultfd( +not made){4}$", table.out, re.MULTILINE), table
    outcomes = {attempt["outcome"] for each in json.loads(text.out)["mappings"] for attempt in each["attempts"]
                if attempt["attack"] == "userfaultfd"}
    assert outcomes == {"not-made"}


def state_of(pid):
    """What is mapped and sealed, and every byte of what may be read; and whether it is traced or stopped."""
    smaps = Path(f"/proc/{pid}/smaps").read_text()
    kept = re.findall(r"^[0-9a-f]+-.*$|^VmFlags:.*$", smaps, re.MULTILINE)
    contents = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end, permissions in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) (r\S+)", smaps, re.MULTILINE):
            if int(start, 16) < 1 << 47:
                memory.seek(int(start, 16))
                try:
                    contents.append(hash(memory.read(int(end, 16) - int(start, 16))))
                except OSError:  # vvar
                    contents.append(permissions)
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    switches = {name: value for name, value in status.items() if "ctxt_switches" in name}
    return kept, contents, status["State"], status["TracerPid"], switches


@pytest.mark.skipif(os.getuid() != 0, reason="root alone reads the memory of any process")
def test_a_process_that_is_named_is_not_changed(sealed):
    with waiting([sealed, "threads", "2"]) as pid:
        sleeping_threads(pid)
        before = state_of(pid)
        status, document = prove(pid)
        assert state_of(pid) == before
    assert (status, missing(document), document["command"]) == (FINE, set(), "waits")


def test_the_environment_of_the_process_counts(sealed):
    with waiting([sealed], env=environment(LDSEAL="-relro")) as pid:
        status, document = prove(pid)
    assert (status, {group for group, _ in missing(document)}) == (FINDING, {"relro"})


@pytest.mark.skipif(os.getuid() != 0, reason="root alone becomes another user")
def test_the_fresh_start_is_the_users_of_the_process(plain, tmp_path_factory, monkeypatch):
    """A file that only this user may read is the program."""
    folder = tmp_path_factory.mktemp("theirs")
    for above in (folder, *folder.parents[:3]):
        above.chmod(0o755)
    # In a folder and with a loader that this user can reach: the tree may lie where only root may enter.
    monkeypatch.chdir(folder)
    theirs = with_interpreter(plain, shutil.copy(loader("x86_64"), folder), folder)
    os.chown(theirs, NOBODY, NOBODY)
    os.chmod(theirs, 0o500)
    with waiting([theirs], user=NOBODY) as pid:
        status, document = prove(pid)
    assert (status, missing(document)) == (FINE, set())


def test_an_unsealed_process_is_refused_because_a_start_would_run_it(plain):
    with waiting([plain]) as pid:
        result = run([SEALCTL, "prove", str(pid)])
    assert (result.status, result.out) == (FINDING, "")
    assert result.err == (f"sealctl: {pid}: is not sealed, so that there is nothing to prove: not adopted: {plain} "
                          "names /lib64/ld-linux-x86-64.so.2\n")


def test_no_process_is_left(sealed):
    run([SEALCTL, "prove", "--", sealed])
    left = [path for path in Path("/proc").glob("[0-9]*/exe") if os.path.islink(path) and target(path) == str(sealed)]
    assert left == []


def target(link):
    try:
        return os.readlink(link)
    except OSError:
        return ""


@pytest.mark.parametrize("words, status, line", [
    ([], USAGE, "either a PID or `-- COMMAND` is needed; --help shows usage"),
    (["1", "--", "true"], USAGE, "either a PID or `-- COMMAND` is needed; --help shows usage"),
    (["one"], USAGE, "one: a PID is a positive number"),
    (["--", "/no/such/program"], NOT_PERMITTED, "/no/such/program: cannot run: No such file or directory"),
    (["--", "sh", "-c", "kill -9 $$"], NOT_PERMITTED, "sh: ended by signal 9 before it was sealed"),
])
def test_what_cannot_be_done_is_one_line(words, status, line):
    result = run([SEALCTL, "prove", *words])
    assert (result.status, result.out, result.err) == (status, "", f"sealctl: {line}\n"), result
