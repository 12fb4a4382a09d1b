"""Every refusal is one line on standard error that names what is wrong and where, and status 127."""

import os
import struct

import pytest
from laboratory import AS_NOBODY, SILENT


def linked(lab, library, **choices):
    return lab.program("program", [library], flags=[f"-Wl,-rpath,{library.parent}"], **choices)


def test_a_missing_library_is_named_and_who_needs_it(lab):
    lower = lab.library_below("libs/liblower.so", "lower")
    upper = lab.asking_library("libs/libupper.so", [lower], flags=[f"-Wl,-rpath,{lower.parent}"])
    program = linked(lab, upper)
    lower.unlink()
    line = lab.refusal(program)
    assert "liblower.so" in line and "libupper.so" in line


def test_a_missing_library_s_message_says_where_it_was_looked_for(lab):
    library = lab.library("libs/libwho.so", "who")
    program = linked(lab, library)
    library.unlink()
    assert str(library.parent) in lab.refusal(program, LD_LIBRARY_PATH="/some/other/place")
    assert "/some/other/place" in lab.refusal(program, LD_LIBRARY_PATH="/some/other/place")


MISSING = """
#include "observe.h"
int absent_one(void);
int main(int argc, char **argv) { (void)argv; return argc > 99 ? absent_one() : 0; }
"""


def missing_symbol(lab, source=MISSING, **choices):
    lab.library("libs/libwho.so", source="int absent_one(void) { return 1; }\nint absent_two = 2;\n")
    program = linked(lab, lab.folder / "libs/libwho.so", source=source, **choices)
    lab.library("libs/libwho.so", source="int something_else;\n")
    return program


def test_a_missing_function_is_named_and_who_wants_it(lab):
    line = lab.refusal(missing_symbol(lab))
    assert "absent_one" in line and "program" in line


def test_a_missing_function_is_noticed_at_start_though_it_could_be_bound_lazily(lab):
    program = missing_symbol(lab, compile=["-fPIE"])
    assert "absent_one" in lab.refusal(program)


def test_a_missing_function_of_a_library_is_named_with_the_library(lab):
    source = "int absent_one(void);\nint wants(void) { return absent_one(); }\n"
    library = lab.library("libs/libwants.so", source=source)
    line = lab.refusal(linked(lab, library, source=SILENT))
    assert "absent_one" in line and "libwants.so" in line


def test_a_missing_variable_is_named(lab):
    source = MISSING.replace("int absent_one(void);", "extern int absent_two;").replace("absent_one()", "absent_two")
    assert "absent_two" in lab.refusal(missing_symbol(lab, source=source))


VERSIONED = 'const char *who(void) { return "who"; }\n'


def versioned(lab, *versions):
    script = lab.path("script.map")
    script.write_text("".join(f"{name} {{ {'global: who; local: *;' if name == versions[0] else ''} }};\n"
                              for name in versions))
    return lab.library("libs/libwho.so", source=VERSIONED, flags=[f"-Wl,--version-script={script}"])


def test_a_missing_version_is_named_with_the_library_that_lacks_it(lab):
    program = linked(lab, versioned(lab, "WHO_2"))
    versioned(lab, "WHO_1")
    line = lab.refusal(program)
    assert "WHO_2" in line and "libwho.so" in line and "program" in line


def test_a_library_without_any_versions_is_bound_by_name(lab):
    program = linked(lab, versioned(lab, "WHO_2"))
    lab.library("libs/libwho.so", source=VERSIONED)
    # glibc 2.36 fails an assertion here; it runs such a program where the library refers to versions of others.
    assert lab.run(program).stdout.startswith("who: who\n")


def truncated(lab, length):
    library = lab.library("libs/libwho.so", "who")
    program = linked(lab, library)
    os.truncate(library, length)
    return program


@pytest.mark.parametrize("length", [0, 1, 20, 64, 200, 4096, 4200])
def test_a_truncated_library_is_named(lab, length):
    assert "libwho.so" in lab.refusal(truncated(lab, length))


@pytest.mark.parametrize("length", [0, 20, 64, 200])
def test_a_truncated_program_is_named(lab, length):
    program = linked(lab, lab.library("libs/libwho.so", "who"))
    os.truncate(program, length)
    assert str(program) in lab.refusal(program)


def test_a_library_that_is_no_ELF_is_named(lab):
    library = lab.library("libs/libwho.so", "who")
    program = linked(lab, library)
    library.write_text("INPUT(libelse.so)\n" * 10)
    assert "libwho.so" in lab.refusal(program)


def test_a_program_that_is_no_ELF_is_named(lab):
    script = lab.path("script")
    script.write_text("#!/bin/sh\nexit 0\n" * 10)
    script.chmod(0o755)
    assert str(script) in lab.refusal(script)


def test_a_folder_is_no_program(lab):
    assert str(lab.folder) in lab.refusal(lab.folder)


def test_a_folder_is_no_library(lab):
    library = lab.library("libs/libwho.so", "who")
    program = linked(lab, library)
    library.unlink()
    library.mkdir()
    assert "libwho.so" in lab.refusal(program)


def test_a_missing_program_is_named(lab):
    assert "nowhere/none" in lab.refusal("/nowhere/none")


def test_a_library_that_may_not_be_read_is_named(nobodys_lab):
    library = nobodys_lab.library("libs/libwho.so", "who")
    program = linked(nobodys_lab, library)
    library.chmod(0)
    loader = nobodys_lab.copied_loader()
    found = nobodys_lab.run_directly([*AS_NOBODY, loader, program])
    assert found.status == 127, found
    assert "libwho.so" in found.stderr, found


def test_a_program_that_may_not_be_read_is_named_with_the_reason(nobodys_lab):
    program = linked(nobodys_lab, nobodys_lab.library("libs/libwho.so", "who"))
    program.chmod(0)
    found = nobodys_lab.run_directly([*AS_NOBODY, nobodys_lab.copied_loader(), program])
    assert found.status == 127, found
    assert str(program) in found.stderr and "ermission denied" in found.stderr, found


def test_an_unknown_relocation_type_is_named(lab):
    library = lab.library("libs/libwho.so", source='int number;\nint *pointer = &number;\n')
    image = bytearray(library.read_bytes())
    place = relocation_table(image)
    symbol, = struct.unpack_from("<Q", image, place + 8)
    struct.pack_into("<Q", image, place + 8, (symbol & ~0xffffffff) | 250)
    program = linked(lab, library, source=SILENT)
    library.write_bytes(image)
    line = lab.refusal(program)
    assert "250" in line and "libwho.so" in line


def relocation_table(image):
    """The file offset of the first SHT_RELA section's contents."""
    sections, = struct.unpack_from("<Q", image, 40)
    count, = struct.unpack_from("<H", image, 60)
    for number in range(count):
        kind, _, _, offset = struct.unpack_from("<IQQQ", image, sections + number * 64 + 4)
        if kind == 4:
            return offset
    raise AssertionError("no SHT_RELA section")


def test_a_cycle_of_libraries_is_no_fault(lab):
    here = [f"-Wl,-rpath,{lab.folder}/libs"]
    first = lab.asking_library("libs/libfirst.so", [lab.library("libs/libsecond.so")], flags=here)
    lab.library("libs/libsecond.so", "second", needs=[first], flags=here, function="name_below")
    assert lab.told(linked(lab, first)) == "second"


def test_a_fault_under_PT_INTERP_is_the_same_line(lab):
    library = lab.library("libs/libwho.so", "who")
    program = linked(lab, library, interpreter=lab.ours)
    library.unlink()
    found = lab.run_directly([program])
    assert found.status == 127
    assert found.stderr == lab.refusal(program)
    assert "libwho.so" in found.stderr
