"""What 10,000 live threads cost the kernel under our loader, beside libc's own. How long they take: tests/bench."""

import os

import guard_tools
import pytest

from loaders import loader
from process import run

COUNT = 10_000
PAGE = os.sysconf("SC_PAGESIZE")
SYSTEM = {"glibc": "/lib64/ld-linux-x86-64.so.2", "musl": "/lib/ld-musl-x86_64.so.1"}
# An arena of malloc's for each processor, and what was mapped between two stacks.
FEW = COUNT // 100


@pytest.fixture(scope="module", params=SYSTEM)
def costs(request, tmp_path_factory):
    """(under libc's own loader, under ours)"""
    program = guard_tools.build("many.c", tmp_path_factory.mktemp("many"), request.param)
    return [cost_of([start, program, COUNT]) for start in (SYSTEM[request.param], loader("x86_64"))]


def cost_of(command):
    result = run([str(word) for word in command], timeout=120)
    assert result.status == 0, result
    return {name: int(number) for name, number in map(str.split, result.out.splitlines())}


def test_every_thread_has_its_guard(costs):
    assert [cost["guarded"] for cost in costs] == [COUNT, COUNT]


def test_stacks_are_few_mappings(costs):
    libcs, ours = costs
    assert libcs["mappings"] >= 2 * COUNT and ours["mappings"] <= FEW, costs


def test_page_tables_are_no_larger(costs):
    """But for the entries of guards of 64 KiB: a stack's guard and the top of the stack below it lie side by side."""
    libcs, ours = costs
    entries = COUNT * (64 << 10) // PAGE * 8 // 1024
    assert ours["page_tables"] <= libcs["page_tables"] * 1.02 + entries + 64, costs


def test_the_kernels_records_of_mappings_are_a_small_part(costs):
    libcs, ours = costs
    if -1 in (libcs["areas"], ours["areas"]):
        pytest.skip("/proc/slabinfo is for root only")
    assert ours["areas"] <= libcs["areas"] / 4, costs
