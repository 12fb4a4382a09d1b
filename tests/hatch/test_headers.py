"""The installed headers: every compiler takes them without a word, and the policy note reaches the linked program."""

import struct
from collections import namedtuple

import pytest

from elf_file import ElfFile
from hatch_harness import CLASSES, PUBLIC_HEADERS, SOURCES, WARNINGS, build, driver
from loaders import MACHINES, PROJECT
from process import environment, run

PT_NOTE = 4
Note = namedtuple("Note", "name type descriptor")

COMPILERS = ("gcc", "clang")
LANGUAGES = {"c99": "c", "gnu99": "c", "c11": "c", "gnu17": "c", "c++98": "c++", "c++11": "c++", "c++20": "c++"}
INCLUDES_ALL = """
#include <ldseal/policy.h>
#include <ldseal/exempt.h>
#include <ldseal/exempt.h>
#include <ldseal/classes.h>
#include <ldseal/policy.h>
LDSEAL_POLICY("on");
int main(void) { return ldseal_exempt(LDSEAL_CLASS_ALL); }
"""
SAYS_POLICY = """
#include <ldseal/policy.h>
LDSEAL_POLICY("require,-system,+data");
int main(void) { return 0; }
"""


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("standard", LANGUAGES)
def test_the_headers_compile_without_a_warning(tmp_path, standard, compiler, machine):
    language = LANGUAGES[standard]
    source = tmp_path / ("all.c" if language == "c" else "all.cc")
    source.write_text(INCLUDES_ALL)
    result = run([*driver(compiler, machine, language), f"-std={standard}", *WARNINGS, f"-I{PUBLIC_HEADERS}", "-c",
                  source, "-o", tmp_path / "all.o"])
    assert (result.status, result.err) == (0, ""), result


@pytest.mark.parametrize("header", sorted(path.stem for path in (PUBLIC_HEADERS / "ldseal").glob("*.h")))
def test_a_header_stands_alone(tmp_path, header):
    source = tmp_path / "alone.c"
    source.write_text(f"#include <ldseal/{header}.h>\nextern int something;\n")
    result = run(["gcc", "-std=c99", *WARNINGS, f"-I{PUBLIC_HEADERS}", "-c", source, "-o", tmp_path / "alone.o"])
    assert (result.status, result.err) == (0, ""), result


AUDIT_ARCHITECTURES = {"x86_64": "AUDIT_ARCH_X86_64", "aarch64": "AUDIT_ARCH_AARCH64"}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_filter_is_for_the_machine_that_it_is_compiled_for(tmp_path, compiler, machine):
    source = tmp_path / "says.c"
    source.write_text("#include <ldseal/exempt.h>\n_Static_assert(LDSEAL_AUDIT_ARCH == "
                      f'{AUDIT_ARCHITECTURES[machine]}, "another machine\'s");\n')
    result = run([*driver(compiler, machine), *WARNINGS, f"-I{PUBLIC_HEADERS}", "-c", source, "-o",
                  tmp_path / "says.o"])
    assert (result.status, result.err) == (0, ""), result


@pytest.mark.parametrize("machine", ["i386", "riscv64", "x86_64-linux-gnux32", "aarch64_be"])
def test_no_filter_is_made_for_a_machine_that_no_loader_runs_on(tmp_path, machine):
    source = tmp_path / "says.c"
    source.write_text("#include <ldseal/exempt.h>\n")
    target = machine if "-" in machine else f"{machine}-linux-gnu"
    result = run(["clang", f"--target={target}", f"-I{PUBLIC_HEADERS}", *stand_in_headers(tmp_path), "-fsyntax-only",
                  source])
    assert result.status != 0 and "ldseal does not run on this machine" in result.err, result


def stand_in_headers(folder):
    """Empty headers in the place of libc's and the kernel's: those of such machines are not installed."""
    for name in ("linux/audit.h", "linux/filter.h", "linux/seccomp.h", "stddef.h", "sys/prctl.h", "sys/syscall.h"):
        header = folder / "include" / name
        header.parent.mkdir(parents=True, exist_ok=True)
        header.write_text("")
    return ["-nostdinc", f"-I{folder / 'include'}"]


@pytest.mark.parametrize("header", ["classes", "policy"])
def test_a_header_without_calls_needs_no_libc(tmp_path, header):
    source = tmp_path / "alone.c"
    source.write_text(f"#include <ldseal/{header}.h>\nextern int something;\n")
    result = run(["gcc", "-ffreestanding", "-nostdinc", *WARNINGS, f"-I{PUBLIC_HEADERS}", "-c", source, "-o",
                  tmp_path / "alone.o"])
    assert (result.status, result.err) == (0, ""), result


def test_the_numbers_are_those_that_supervisors_were_built_with(tmp_path):
    """They are an interface: a filter that was compiled years ago must be understood."""
    wanted = {f"LDSEAL_CLASS_{name.upper()}": value for name, value in CLASSES.items()}
    wanted |= {"LDSEAL_CLASS_ALL": 0xFFFFFFFF, "PR_LDSEAL_EXEMPT": 0x4C445345}
    source = tmp_path / "numbers.c"
    source.write_text("#include <ldseal/classes.h>\n#include <stdio.h>\nint main(void) {\n" + "".join(
        f'  printf("{name} %lu\\n", (unsigned long){name});\n' for name in wanted) + "  return 0;\n}\n")
    told = run([build(source, tmp_path / "numbers")]).out
    assert {name: int(value) for name, value in (line.split() for line in told.splitlines())} == wanted


def notes(program):
    """Every note of every PT_NOTE: what a loader sees, whatever the sections say."""
    file, found = ElfFile(program), []
    for segment in file.segments_of(PT_NOTE):
        data = file.data[segment.offset:segment.offset + segment.file_size]
        alignment, at = max(segment.alignment, 4), 0
        while at < len(data):
            name_size, size, kind = struct.unpack_from("<III", data, at)
            start = at + 12 + name_size + -(12 + name_size) % alignment
            found.append(Note(data[at + 12:at + 12 + name_size], kind, data[start:start + size]))
            at = start + size + -size % alignment
    return found


def policy_notes(program):
    return [note for note in notes(program) if note.name == b"ldseal\0"]


SHAPES = {
    "as it comes": (),
    "unused sections thrown away": ("-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"),
    "static-pie": ("-static-pie", "-Wl,--gc-sections"),
    "fixed address": ("-no-pie", "-Wl,--gc-sections"),
    "static": ("-static", "-Wl,--gc-sections"),
    "stripped": ("-s", "-Wl,--gc-sections"),
    "optimised as a whole": ("-flto", "-O2", "-Wl,--gc-sections"),
    "no build id": ("-Wl,--build-id=none",),
}
LINKERS = {"gcc": "bfd", "clang": "lld"}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("language", ["c", "c++"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_policy_is_in_a_PT_NOTE_of_the_linked_program(tmp_path, shape, language, compiler, machine):
    source = tmp_path / ("says.c" if language == "c" else "says.cc")
    source.write_text(SAYS_POLICY)
    program = build(source, tmp_path / "says", f"-fuse-ld={LINKERS[compiler]}", *SHAPES[shape], compiler=compiler,
                    machine=machine, language=language)
    assert policy_notes(program) == [Note(b"ldseal\0", 1, b"require,-system,+data\0")]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_program_keeps_its_other_notes(tmp_path, compiler):
    source = tmp_path / "says.c"
    source.write_text(SAYS_POLICY)
    program = build(source, tmp_path / "says", "-Wl,--build-id=0x1234", compiler=compiler)
    assert [note.descriptor for note in notes(program) if (note.name, note.type) == (b"GNU\0", 3)] == [b"\x12\x34"]
    assert len(policy_notes(program)) == 1


@pytest.mark.parametrize("words", ["", "a", "ab", "abc", "abcd"])
def test_words_of_every_length_end_where_they_end(tmp_path, words):
    source = tmp_path / "says.c"
    source.write_text(SAYS_POLICY.replace("require,-system,+data", words))
    assert [note.descriptor for note in policy_notes(build(source, tmp_path / "says"))] == [words.encode() + b"\0"]


def test_a_program_without_the_macro_has_no_policy(tmp_path):
    assert policy_notes(build(SOURCES / "exempts.c", tmp_path / "exempts")) == []


def test_installing_brings_the_headers_and_sealctl(tmp_path):
    result = run(["meson", "install", "-C", PROJECT / "build", "--no-rebuild", "--quiet", "--destdir", tmp_path],
                 env=environment(), timeout=60)
    assert result.status == 0, result
    installed = {path.name: path for path in tmp_path.rglob("*") if path.is_file()}
    for header in (PUBLIC_HEADERS / "ldseal").glob("*.h"):
        assert installed[header.name].parts[-3:] == ("include", "ldseal", header.name)
    assert run([installed["sealctl"], "--version"]).status == 0
