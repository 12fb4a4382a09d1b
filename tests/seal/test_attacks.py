"""Every attack on every sealed area of real programs: the kernel's exact answer, and the same bytes afterwards."""

import os
from collections import Counter

import pytest

from expectations import EXPECTED, unexpected
from seal_programs import NAMES, find_program
from seal_tools import inspect

NEED_TWO_PAGES = {name for name in EXPECTED if name.endswith(", part")}


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.slow) if name == "clang" else name for name in NAMES])
def program(request, tmp_path_factory):
    """Each of the programs; clang is big, and its bytes are compared after each of thousands of attacks."""
    return find_program(request.param, tmp_path_factory.mktemp(request.param))


def test_no_attack_on_a_sealed_area_does_more_than_linux_lets_through(attack, program, native_launcher, tmp_path):
    found = inspect(attack, program.command(native_launcher, tmp_path), tmp_path, attacks=True, timeout=600)
    assert found.result.status == 0, found.result
    assert_all_were_made(found)
    assert [str(attempt) for attempt in unexpected(found.attempts)] == []
    assert_no_page_is_missing(found)


def assert_no_page_is_missing(found):
    """In the process itself; that a fork has every page, too, show the attacks, which are made in one."""
    assert {(attempt.start, attempt.end) for attempt in found.attempts if attempt.kind == "sparse"} == set()


def test_no_sealed_area_has_changed_pages_of_a_file(attack, program, native_launcher, tmp_path):
    """RELRO: nothing gets through, so it is anonymous; and text is the file's own."""
    areas = inspect(attack, program.command(native_launcher, tmp_path), tmp_path).areas
    sealed = [area for area in areas if area.is_sealed]
    assert sealed, "nothing is sealed at all"
    assert [str(area) for area in sealed if area.inode and area.kilobytes["Anonymous"]] == []


def assert_all_were_made(found):
    """On each sealed area of smaps, once, with all that its size allows."""
    page = os.sysconf("SC_PAGESIZE")
    made = Counter((attempt.start, attempt.end) for attempt in found.attempts)
    sealed = [area for area in found.areas if area.is_sealed]
    assert sealed, "nothing is sealed at all"
    for area in sealed:
        expected = len(EXPECTED) - (len(NEED_TWO_PAGES) if area.end - area.start == page else 0)
        assert made.pop((area.start, area.end)) == expected, area
    assert made == {}


def test_writable_memory_that_is_sealed_keeps_its_place(attack, native_launcher, tmp_path):
    """Class `data`: what is in it may change, but not where it is."""
    command = find_program("git", tmp_path).command(native_launcher, tmp_path)
    found = inspect(attack, command, tmp_path, attacks=True, timeout=600, LDSEAL="+data")
    assert found.result.status == 0, found.result
    writable = [attempt for attempt in found.attempts if attempt.kind in ("writable", "writable file")]
    assert writable, "no writable area is sealed"
    assert [str(attempt) for attempt in unexpected(writable)] == []
