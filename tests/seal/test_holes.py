"""Objects linked for larger pages than the kernel's have holes between their segments: they are sealed in one piece.

The holes are filled with guards: they stay readable mappings, since CRIU must be able to read what is sealed, and
cannot be touched. Where the kernel has no such guards, the plan goes around the holes.
"""

import errno
import signal

import pytest

from address_ranges import PAGE, down, loaded_objects, of, shown, up, without
from elf_file import PT_LOAD
from expectations import unexpected
from process import run
from seal_programs import OBSERVE, Program
from seal_tools import GUARD_INSTALL, MADVISE, compile_program, inspect
from sources import sources_of

LIBRARY, PROGRAM = sources_of(__file__) / "libwork.c", sources_of(__file__) / "program.c"
FREESTANDING = ["-nostdlib", "-ffreestanding", "-DLIBC_NONE", "-fPIC", "-fno-stack-protector", "-Wl,-z,relro,-z,now"]
NO_GUARDS = [MADVISE, errno.EINVAL, 2, GUARD_INSTALL]


def build(folder, page_size):
    """A program whose library is linked for pages of this size."""
    compile_program(folder / "libwork.so", [LIBRARY], *FREESTANDING, "-shared", "-Wl,-soname,libwork.so",
                    f"-Wl,-z,max-page-size={page_size},-z,separate-code")
    compile_program(folder / "program", [PROGRAM], "-DPROGRAM", *FREESTANDING, "-I", OBSERVE, "-pie", f"-L{folder}",
                    "-lwork", f"-Wl,-rpath,{folder}")
    return Program(folder / "program", ())


@pytest.fixture(scope="module")
def with_holes(tmp_path_factory):
    return build(tmp_path_factory.mktemp("holes"), 65536)


@pytest.fixture
def stopped(attack, with_holes, native_launcher, tmp_path):
    return inspect(attack, with_holes.command(native_launcher, tmp_path), tmp_path)


def library_in(found):
    (library,) = [each for each in loaded_objects(found.areas) if each.path.endswith("/libwork.so")]
    return library


def holes_of(library):
    """What lies between the segments."""
    pages = [(down(load.address + library.bias), up(load.address + load.memory_size + library.bias))
             for load in library.elf.segments_of(PT_LOAD)]
    result = without([(pages[0][0], pages[-1][1])], pages)
    assert len(result) >= 2, "the linker left holes"
    return result


def sealed_part(library):
    """From the first page to the end of RELRO."""
    return [(library.never_writable()[0][0], library.relro()[-1][1])]


def test_the_whole_object_up_to_its_data_is_sealed(stopped):
    sealed = of(area for area in stopped.areas if area.is_sealed)
    assert shown(without(sealed_part(library_in(stopped)), sealed)) == []


def test_the_holes_are_readable_mappings_with_guards(stopped):
    for start, end in holes_of(library_in(stopped)):
        areas = [area for area in stopped.areas if area.start < end and start < area.end]
        assert [str(area) for area in areas if area.permissions[0] != "r" or "gu" not in area.flags] == []


def test_holes_cost_no_call_of_mseal(stopped, attack, native_launcher, tmp_path):
    (tmp_path / "small").mkdir()
    small = build(tmp_path / "small", PAGE)
    without_holes = inspect(attack, small.command(native_launcher, tmp_path), tmp_path)
    assert calls(stopped) <= calls(without_holes)


def calls(found):
    return int(found.trace.summary.split()[-2])


def touch(program, launcher, folder, offset, *before):
    command = program.command(launcher, folder)
    return run([*before, *command, str(offset)])


@pytest.mark.parametrize("guards", ["with guards", "without guards"])
def test_a_hole_cannot_be_touched(guards, stopped, with_holes, native_launcher, refuse, tmp_path):
    before = [] if guards == "with guards" else refuse(*NO_GUARDS)
    library = library_in(stopped)
    assert touch(with_holes, native_launcher, tmp_path, 0, *before).out == "could be read\n"
    for start, end in holes_of(library):
        for address in (start, end - 1):
            result = touch(with_holes, native_launcher, tmp_path, address - library.bias, *before)
            assert (result.status, result.out) == (-signal.SIGSEGV, ""), result


def test_attacks_on_an_object_with_guards_end_as_the_table_says(attack, with_holes, native_launcher, tmp_path):
    found = inspect(attack, with_holes.command(native_launcher, tmp_path), tmp_path, attacks=True)
    guarded = [attempt for attempt in found.attempts if attempt.kind == "guarded file"]
    assert guarded, "guards are in a sealed area"
    assert [str(attempt) for attempt in unexpected(guarded)] == []


def test_without_guards_the_plan_goes_around_the_holes(attack, with_holes, native_launcher, refuse, tmp_path):
    command = with_holes.command(native_launcher, tmp_path)
    found = inspect([*refuse(*NO_GUARDS), attack], command, tmp_path)
    assert found.result.status == 0, found.result
    library = library_in(found)
    sealed = of(area for area in found.areas if area.is_sealed)
    assert shown(without([*library.never_writable(), *library.relro()], sealed)) == []
    assert without(holes_of(library), sealed) == holes_of(library), "no hole is sealed"
    assert shown(sealed) == shown(of(entry for entry in found.trace.plan if entry.is_sealed))
    assert [str(area) for area in found.areas if area.is_sealed and area.permissions[0] != "r"] == []
