"""Programs with headers that no linker writes but tools leave behind which change a file."""

import struct

from elf_file import PF_W, PT_LOAD, ElfFile, program_headers
from sources import sources_of

SOURCES = sources_of(__file__)


def cut_memory_size(program):
    """What strip(1) does to programs that mold has linked: the last segment's p_memsz ends with the file's part."""
    image = bytearray(program.read_bytes())
    at = next(at for at, kind, flags in reversed(program_headers(image)) if kind == PT_LOAD and flags & PF_W)
    (file_size,) = struct.unpack_from("<Q", image, at + 32)
    struct.pack_into("<Q", image, at + 40, file_size)
    program.write_bytes(image)


def test_a_copy_behind_the_last_segment_in_its_page_is_made(lab):
    library = lab.library("libcopied.so", source=SOURCES / "libcopied.c")
    program = lab.program("program", [library], source=SOURCES / "program.c", pie=False,
                          flags=[f"-Wl,-rpath,{lab.folder}"])
    cut_memory_size(program)
    last = ElfFile(program).segments_of(PT_LOAD)[-1]
    assert last.memory_size == last.file_size
    assert lab.same(program).stdout == "one\n"
