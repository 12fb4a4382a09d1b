"""A garbage collector that reads /proc/self/maps and scans threads' stacks."""

from pathlib import Path

import guard_tools
import pytest

from process import run

WANTED = "threads with a right sum: 24\nmuch of it was collected: yes\nthe heap is small: yes\n"


@pytest.fixture(scope="module")
def collector(tmp_path_factory):
    if not Path("/usr/include/gc.h").exists():
        pytest.skip("no libgc-dev on this machine: tools/packages-real.txt")
    return guard_tools.build("collector.c", tmp_path_factory.mktemp("collector"), "glibc", "x86_64", "-lgc")


def test_the_collector_works_under_libcs_own_loader(collector):
    result = run([collector])
    assert (result.status, result.out, result.err) == (0, WANTED, ""), result


@pytest.mark.parametrize("word, maker", [("prot", "guards are left to libc (LDSEAL_GUARD=prot)"),
                                         ("auto", "guards are in the page table")])
def test_the_collector_works_with_guards_of_each_kind(collector, word, maker):
    found = guard_tools.start(collector, LDSEAL_GUARD=word)
    assert (found.result.status, found.result.out) == (0, WANTED), found.result
    assert found.maker == [maker], found.result
