"""Programs with headers that no linker writes but tools leave behind which change a file."""

import shutil
import struct
import subprocess

import pytest
from elf_file import PF_W, PT_LOAD, ElfFile, program_headers
from sources import sources_of

SOURCES = sources_of(__file__)
LIBC = "/lib/x86_64-linux-gnu/libc.so.6"


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


def test_a_loader_is_known_by_the_name_that_the_program_gives_it(glibc_lab):
    told = {}
    for name, file in (("theirs", glibc_lab.theirs), ("ours", glibc_lab.ours)):
        link = glibc_lab.path("folder/any-name.so.7")
        link.unlink(missing_ok=True)
        link.symlink_to(file)
        program = glibc_lab.program(name, source=SOURCES / "names_of_the_loader.c", interpreter=link)
        told[name] = glibc_lab.run_directly([program])
    assert told["theirs"].stdout.count("/folder/any-name.so.7\n") == 3
    assert told["ours"] == told["theirs"]


@pytest.mark.parametrize("as_command", [True, False])
def test_libc_run_as_a_program_tells_its_version(glibc_lab, as_command):
    libc = glibc_lab.path("libc.so.6")
    shutil.copy(LIBC, libc)
    wanted = glibc_lab.run_directly([libc])
    assert "GNU C Library" in wanted.stdout
    if not as_command:
        subprocess.run(["patchelf", "--set-interpreter", str(glibc_lab.ours), str(libc)], check=True, timeout=60)
    command = [glibc_lab.ours, libc] if as_command else [libc]
    assert glibc_lab.run_directly(command) == wanted
    assert glibc_lab.run_directly(command, LDSEAL="require") == wanted
