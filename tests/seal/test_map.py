"""The map: what is sealed is exactly what the plan says, nothing is missing in it and no neighbour is sealed."""

import re

import pytest

from address_ranges import PAGE, loaded_objects, of, shown, without
from loaders import loader
from seal_programs import build_static_program
from seal_tools import inspect

SYSTEM_MAPPINGS = ("[vdso]", "[vvar]", "[vvar_vclock]")
BEYOND_A_LOADER = ("[vsyscall]", "[uprobes]")  # no mapping of this process, and made after its start


@pytest.fixture
def stopped(attack, program, native_launcher, tmp_path):
    """Each program in each way to start it, as it is when it wants to exit."""
    found = inspect(attack, program.command(native_launcher, tmp_path), tmp_path)
    assert found.result.status == 0, found.result
    return found


def sealed(found):
    result = of(area for area in found.areas if area.is_sealed)
    assert result, "something is sealed"
    return result


def test_what_is_sealed_is_what_the_plan_calls_sealed(stopped):
    planned = of(entry for entry in stopped.trace.plan if entry.is_sealed)
    assert shown(sealed(stopped)) == shown(planned)


def test_nothing_that_the_plan_leaves_is_sealed(stopped):
    left = [entry for entry in stopped.trace.plan if not entry.is_sealed]
    overlap = [str(entry) for entry in left if without(of([entry]), sealed(stopped)) != of([entry])]
    assert overlap == []
    assert [str(entry) for entry in left if not entry.reason] == []


def test_the_plan_tells_the_protection_that_each_range_has(stopped):
    planned = [entry for entry in stopped.trace.plan if entry.is_sealed]
    assert planned
    for entry in planned:
        inside = [area for area in stopped.areas if area.start < entry.end and entry.start < area.end]
        assert {area.permissions for area in inside} == {entry.permissions + "p"}, entry


def test_the_summary_counts_the_plan(stopped):
    counted = re.fullmatch(r"(\d+) ranges sealed in (\d+) calls", stopped.trace.summary)
    assert counted, stopped.trace.summary
    ranges, calls = map(int, counted.groups())
    assert ranges == sum(entry.is_sealed for entry in stopped.trace.plan)
    assert len(sealed(stopped)) <= calls <= ranges


def test_everything_executable_is_sealed(stopped):
    executable = [area for area in stopped.areas if "x" in area.permissions and area.name not in BEYOND_A_LOADER]
    assert executable
    assert [str(area) for area in executable if not area.is_sealed] == []


def test_every_segment_that_is_never_writable_is_sealed(stopped):
    missing = {each.path: shown(without(each.never_writable(), sealed(stopped)))
               for each in loaded_objects(stopped.areas)}
    assert missing == {path: [] for path in missing}


def test_every_page_of_relro_is_sealed_read_only_and_anonymous(stopped):
    relro = {each.path: each.relro() for each in loaded_objects(stopped.areas)}
    assert any(relro.values())
    right = of(area for area in stopped.areas if area.is_sealed and area.permissions == "r--p"
               and area.inode == 0 and area.name == "")
    missing = {path: shown(without(ranges, right)) for path, ranges in relro.items()}
    assert missing == {path: [] for path in missing}


def test_every_page_of_relro_has_memory_of_its_own(stopped):
    """A page that was never touched could still be filled: see test_kernel_facts."""
    relro = [piece for each in loaded_objects(stopped.areas) for piece in each.relro()]
    areas = [area for area in stopped.areas if any(start < area.end and area.start < end for start, end in relro)]
    assert areas
    assert [str(area) for area in areas
            if area.kilobytes["Anonymous"] + area.kilobytes["Swap"] < area.kilobytes["Size"]] == []


def test_the_system_mappings_are_sealed(stopped):
    found = [area for area in stopped.areas if area.name in SYSTEM_MAPPINGS]
    assert {"[vdso]", "[vvar]"} <= {area.name for area in found}
    assert [str(area) for area in found if not area.is_sealed] == []


def test_nothing_is_sealed_that_must_not_be(stopped):
    """Stacks are unmapped, heaps grow, what is writable is sealed only if asked for, and CRIU must be able to read."""
    assert sealed(stopped)
    wrong = [area for area in stopped.areas if area.is_sealed
             and (area.name in ("[stack]", "[heap]") or area.permissions[0] != "r" or area.permissions[1] == "w")]
    assert [str(area) for area in wrong] == []


def test_what_stays_writable_of_the_loader_is_in_the_plan_with_a_reason(stopped, native_launcher):
    (ours,) = [each for each in loaded_objects(stopped.areas) if each.path == str(native_launcher.loader)]
    read_only = of(area for area in stopped.areas if area.permissions[1] != "w")
    writable = without(ours.writable(), read_only)
    assert writable, "the loader keeps a state that changes"
    explained = of(entry for entry in stopped.trace.plan if not entry.is_sealed and entry.reason)
    assert shown(without(writable, explained)) == []


def test_the_neighbours_of_sealed_ranges_are_as_they_are_without_sealing(attack, program, native_launcher, tmp_path):
    command = program.command(native_launcher, tmp_path)
    same_addresses = ["setarch", "--addr-no-randomize", attack]
    on = inspect(same_addresses, command, tmp_path)
    off = inspect(same_addresses, command, tmp_path, LDSEAL="off")
    assert placed(off) == placed(on), "both runs have the same map"
    neighbours = {page for start, end in sealed(on) for page in (start - PAGE, end)} - pages_of_records(on)
    assert {page: state(on, page) for page in neighbours} == {page: state(off, page) for page in neighbours}


def pages_of_records(found):
    """ld-seal's own, which the class `loader` makes read-only between changes."""
    return {page for entry in found.trace.plan if entry.reason == "changes at run time"
            for page in range(entry.start, entry.end, PAGE)}


def placed(found):
    """Where everything is that does not grow as the program works."""
    return of(area for area in found.areas if area.name not in ("[heap]", "[stack]"))


def state(found, page):
    """What the page at an address is: whether it is mapped, its protection and its flags."""
    for area in found.areas:
        if area.start <= page < area.end:
            return area.permissions, area.name, area.flags - {"sd"}  # sd: written to lately
    return None


def test_around_a_static_program_the_same_is_sealed(attack, tmp_path):
    """Run by the loader as a command, which is all that a loader can do for it."""
    static = build_static_program(tmp_path)
    found = inspect(attack, [loader("x86_64"), static.path], tmp_path)
    assert (found.result.status, found.result.out) == (0, "worked\n"), found.result
    assert shown(sealed(found)) == shown(of(entry for entry in found.trace.plan if entry.is_sealed))
    must = [area for area in found.areas if area.name in SYSTEM_MAPPINGS
            or ("x" in area.permissions and area.name not in BEYOND_A_LOADER)]
    assert {str(static.path), str(loader("x86_64")), "[vdso]"} <= {area.name for area in must}
    assert [str(area) for area in must if not area.is_sealed] == []


def test_off_seals_nothing_and_says_so(attack, program, native_launcher, tmp_path):
    found = inspect(attack, program.command(native_launcher, tmp_path), tmp_path, LDSEAL="off")
    assert found.result.status == 0, found.result
    assert [str(area) for area in found.areas if area.is_sealed] == []
    assert [str(entry) for entry in found.trace.plan if entry.is_sealed or not entry.reason] == []
    assert found.trace.summary == "not sealed: the policy is off"
