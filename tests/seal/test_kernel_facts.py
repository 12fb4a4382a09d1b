"""What the kernel's sealing is worth, without any loader: a program that seals one range of each kind is attacked.

These pin the facts on which the loader's rules stand. They also show that the attacks are real: without a seal they
succeed.
"""

import mmap
from pathlib import Path

import pytest

from expectations import EXPECTED, FORCED_WRITE, KINDS, LETS_THROUGH, REFUSED, is_harm, unexpected
from seal_tools import SOURCES, compile_program, inspect

FILL = "userfaultfd UFFDIO_COPY, whole"


@pytest.fixture(scope="module")
def reference(tmp_path_factory, attack):
    """(what the reference program said, every attack on what it sealed)."""
    folder = tmp_path_factory.mktemp("reference")
    program = compile_program(folder / "reference", [SOURCES / "reference.c"])
    found = inspect(attack, [program, attack], folder, attacks=True)
    assert found.result.status == 0, found.result
    return found


def sealed_by_reference(reference):
    """Kind of memory to its start, from lines "KIND START END"."""
    return {kind: int(start, 16) for kind, start, _ in map(str.split, reference.result.out.splitlines())}


def attempts_on(reference, what):
    start = sealed_by_reference(reference)[what]
    found = [attempt for attempt in reference.attempts if attempt.start == start]
    assert len(found) == len(EXPECTED), f"every attack is made on {what}"
    return found


@pytest.mark.parametrize("what", ["file", "changed-file", "anonymous", "writable", "[vvar]", "[vvar_vclock]", "[vdso]"])
def test_each_attack_on_a_sealed_range_ends_as_the_table_says(reference, what):
    assert [str(attempt) for attempt in unexpected(attempts_on(reference, what))] == []


def test_the_table_has_a_row_for_each_attack_and_no_other(reference):
    assert {attempt.name for attempt in reference.attempts} == set(EXPECTED)
    assert all(set(row) == set(KINDS) for row in EXPECTED.values())


def test_changed_pages_of_a_file_can_be_thrown_away_though_sealed(reference):
    """Why RELRO must be anonymous: the file's bytes come back."""
    lost = {attempt.name for attempt in attempts_on(reference, "changed-file") if attempt.outcome == "ok changed"}
    assert {"madvise DONTNEED, whole", "madvise DONTNEED_LOCKED, whole", "madvise GUARD_INSTALL and REMOVE, whole",
            "process_madvise DONTNEED, whole"} <= lost


def test_a_page_that_was_never_touched_can_be_filled_though_sealed(reference):
    """Why every page is touched before it is sealed: userfaultfd needs no privilege."""
    attempts = attempts_on(reference, "missing-page")
    assert {attempt.kind for attempt in attempts} == {"sparse"}
    assert [str(attempt) for attempt in unexpected(attempts)] == []
    (filled,) = [attempt for attempt in attempts if attempt.name == FILL]
    assert filled.outcome == "ok changed"


def has_zero_page():
    """Do readers of pages that nobody wrote share one? Under some hypervisors each gets a page of its own."""
    many, page = 1000, mmap.PAGESIZE

    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1])
    with mmap.mmap(-1, many * page, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ) as memory:
        before = resident()
        assert all(memory[number * page] == 0 for number in range(many))
        return resident() - before < many // 2


def test_a_fork_is_without_pages_that_were_only_read(reference):
    """Why zeroes are written before they are sealed: the process has these pages, its fork does not. It has them if the
    kernel has no page of zeroes to share."""
    attempts = attempts_on(reference, "only-read")
    assert {attempt.kind for attempt in attempts} == {"anonymous"}
    (filled,) = [attempt for attempt in attempts if attempt.name == FILL]
    assert filled.answer == ("ok" if has_zero_page() else "EEXIST")


@pytest.mark.parametrize("kind, what", [("file", "file"), ("anonymous", "anonymous"), ("special", "[vdso]")])
def test_what_gets_through_is_what_readme_tells(reference, kind, what):
    harm = {attempt.name for attempt in attempts_on(reference, what) if is_harm(attempt.outcome)}
    assert harm | {FORCED_WRITE} == LETS_THROUGH[kind]  # not every kernel lets that write through


def test_without_a_seal_the_attacks_succeed(attack, tmp_path):
    program = compile_program(tmp_path / "reference", [SOURCES / "reference.c"], "-DUNSEALED")
    found = inspect(attack, [program, attack], tmp_path, attacks=True, unsealed=True)
    starts = {int(line.split()[1], 16) for line in found.result.out.splitlines()}
    refused_when_sealed = {name for name, row in EXPECTED.items() if row["anonymous"] == REFUSED}
    attempts = [attempt for attempt in found.attempts if attempt.start in starts and attempt.kind == "anonymous"]
    assert {attempt.name for attempt in attempts} == set(EXPECTED)
    assert {attempt.name for attempt in attempts if attempt.answer == "EPERM"} == set()
    succeeded = {attempt.name for attempt in attempts if is_harm(attempt.outcome)}
    does_no_harm_by_itself = {"mprotect as it is, whole", "madvise FREE, whole", "madvise REMOVE, whole"}
    assert refused_when_sealed - succeeded == does_no_harm_by_itself
