"""PT_GNU_MUTABLE and PT_OPENBSD_MUTABLE: what they cover is left out of the seal, its neighbours are not."""

import struct

import pytest

from address_ranges import PAGE, loaded_objects, of, shown, without
from elf_file import PT_GNU_RELRO, PT_LOAD, ElfFile
from seal_programs import OBSERVE, Program, write
from seal_tools import compile_program, inspect
from test_holes import FREESTANDING, LIBRARY, PROGRAM

TYPES = {"PT_GNU_MUTABLE": 0x6474F555, "PT_OPENBSD_MUTABLE": 0x65A3DBE5}
PT_GNU_EH_FRAME = 0x6474E550
HEADERS_AT, HEADER_SIZE = 64, 56


def segment_of(elf, place):
    """The segment that has room for a mutable range of a page with a page on either side."""
    segments = elf.segments_of(PT_GNU_RELRO) if place == "relro" else elf.segments_of(PT_LOAD)
    return next(each for each in segments if each.memory_size > 4 * PAGE)


def make_mutable(path, kind, address, size):
    """Turns the header of .eh_frame_hdr, which C has no need of, into a mutable range."""
    elf = ElfFile(path)
    (index,) = [i for i, each in enumerate(elf.segments) if each.type == PT_GNU_EH_FRAME]
    image = bytearray(elf.data)
    struct.pack_into("<IIQQQQQQ", image, HEADERS_AT + index * HEADER_SIZE, TYPES[kind], 4, elf.file_offset(address),
                     address, address, size, size, 8)
    path.write_bytes(image)


@pytest.fixture(params=["relro", "text"])
def place(request):
    return request.param


@pytest.fixture
def build(tmp_path, place):
    """Builds a program with a mutable range in the library: its type, and its size from the third page on."""
    def build(kind, from_, size):
        library, program = LIBRARY, PROGRAM
        compile_program(tmp_path / "libwork.so", [library], *FREESTANDING, "-shared", "-Wl,-soname,libwork.so")
        compile_program(tmp_path / "start", [program], "-DPROGRAM", *FREESTANDING, "-I", OBSERVE, "-pie",
                        f"-L{tmp_path}", "-lwork", f"-Wl,-rpath,{tmp_path}")
        start = segment_of(ElfFile(tmp_path / "libwork.so"), place).address // PAGE * PAGE + 2 * PAGE
        make_mutable(tmp_path / "libwork.so", kind, start + from_, size)
        return Program(tmp_path / "start", ()), start
    return build


@pytest.fixture
def look(attack, native_launcher, tmp_path):
    def look(program):
        (tmp_path / "copy").mkdir()
        found = inspect(attack, program.command(native_launcher, tmp_path / "copy"), tmp_path)
        assert (found.result.status, found.result.out) == (0, "could be read\n"), found.result
        return found
    return look


def sealed_pages_around(found, address):
    """Which of the pages before, at and after an address of the library are sealed, of four."""
    (library,) = [each for each in loaded_objects(found.areas) if each.path.endswith("/libwork.so")]
    sealed = of(area for area in found.areas if area.is_sealed)
    starts = [library.bias + address + n * PAGE for n in (-1, 0, 1, 2)]
    return [without([(start, start + PAGE)], sealed) == [] for start in starts]


@pytest.mark.parametrize("kind", TYPES)
def test_a_mutable_page_is_not_sealed_and_its_neighbours_are(kind, build, look):
    program, address = build(kind, 0, PAGE)
    found = look(program)
    assert sealed_pages_around(found, address) == [True, False, True, True]
    assert shown(of(area for area in found.areas if area.is_sealed)) == shown(
        of(entry for entry in found.trace.plan if entry.is_sealed))
    assert any("mutable" in entry.reason for entry in found.trace.plan if not entry.is_sealed)


@pytest.mark.parametrize("kind", TYPES)
def test_every_page_that_a_mutable_range_touches_is_left_out(kind, build, look):
    program, address = build(kind, PAGE // 2, PAGE)
    assert sealed_pages_around(look(program), address) == [True, False, False, True]


def test_an_empty_mutable_range_leaves_nothing_out(build, look):
    program, address = build("PT_GNU_MUTABLE", 0, 0)
    assert sealed_pages_around(look(program), address) == [True, True, True, True]
