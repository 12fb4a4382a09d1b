"""What dlerror says: one line, `object: reason`, in our own words. Libc's loader refuses the same, in its words.

What programs look for in that line begins as glibc's: "invalid ELF header" or "file too short" makes GHC and Ruby's Fiddle
take the file for a linker script, and scripts look for "cannot open shared object file".
"""

import re
import struct

import own_dlopen
import pytest
from elf_file import PT_TLS, program_headers
from laboratory import Laboratory
from sources import sources_of

_CASES = sources_of(__file__)

MISSING = "cannot open shared object file: No such file or directory"
LIBRARY = 'const char *who(void) { return "who"; }\n'
# What the words of the command line ask for is done; each must fail, and the error's text is a line.
ASKING = _CASES / "asking.c"


@pytest.fixture(params=["x86_64", "aarch64"])
def lab(request, tmp_path):
    return Laboratory(tmp_path, request.param, libc="glibc")


def asking(lab, **choices):
    return lab.program("bin/program", source=ASKING, **choices)


def ours(lab, program, *words):
    """The lines under our loader alone: of what glibc's does not refuse, or does not survive."""
    own_dlopen.require(lab.machine)
    outcome = lab.run(program, *map(str, words))
    assert (outcome.status, outcome.stderr) == (0, ""), outcome
    return outcome.stdout.splitlines()


def errors(lab, program, *words):
    """The lines under our loader, of what glibc's refuses too."""
    wanted = lab.run(program, *map(str, words), loader=lab.theirs)
    assert wanted.status == 0 and "(null)" not in wanted.stdout, wanted
    found = ours(lab, program, *words)
    assert len(found) == len(wanted.stdout.splitlines())
    return found


def test_a_missing_object_is_named_with_who_asked_and_where_it_was_looked_for(lab):
    program = asking(lab, flags=["-Wl,--enable-new-dtags,-rpath,$ORIGIN/plugins"])
    (line,) = errors(lab, program, "now", "libmissing.so")
    assert line.startswith(f"libmissing.so: {MISSING}, needed by {program} (looked in ")
    assert f"{program.parent}/plugins" in line or "$ORIGIN/plugins" in line


def test_a_missing_path_is_named_with_who_asked(lab):
    program = asking(lab)
    assert errors(lab, program, "now", "/nowhere/libmissing.so") == [
        f"/nowhere/libmissing.so: {MISSING}, needed by {program}"]


def test_what_programs_look_for_in_the_line_begins_as_glibcs(lab):
    script, short = lab.path("other/libscript.so"), lab.path("other/libshort.so")
    script.write_text("/* GNU ld script */ GROUP ( libc.so.6 ) " * 4)
    short.write_bytes(b"\x7fELF")
    words = [word for path in ("libmissing.so", "/nowhere/libmissing.so", script, short) for word in ("now", path)]
    program = asking(lab)
    wanted = lab.run(program, *map(str, words), loader=lab.theirs).stdout.splitlines()
    found = errors(lab, program, *words)
    assert [line[:len(start)] for line, start in zip(found, wanted, strict=True)] == wanted


def test_a_folder_is_said_to_be_one(lab):
    assert errors(lab, asking(lab), "now", lab.folder) == [f"{lab.folder}: is a directory"]


def test_a_text_is_said_to_be_no_elf_file(lab):
    text = lab.path("other/libtext.so")
    text.write_text("no ELF file " * 20)
    (line,) = errors(lab, asking(lab), "now", text)
    assert line == f"{text}: invalid ELF header: e_ident has 0x6e instead of 0x7f at file offset 0x0"


def test_a_short_file_is_said_to_be_too_small(lab):
    short = lab.path("other/libshort.so")
    short.write_bytes(b"\x7fELF")
    assert errors(lab, asking(lab), "now", short) == [
        f"{short}: file too short: 4 bytes, and an ELF header has 64"]


def test_an_object_of_the_other_machine_is_told_by_its_number(lab):
    numbers = {"x86_64": 62, "aarch64": 183}
    other = "aarch64" if lab.machine == "x86_64" else "x86_64"
    library = lab.library("other/libother.so", "other", machine=other)
    assert errors(lab, asking(lab), "now", library) == [
        f"{library}: e_machine is {numbers[other]} instead of {numbers[lab.machine]} at file offset 0x12"]


def test_a_missing_function_is_named_with_the_object_that_refers_to_it(lab):
    library = lab.library("other/libwants.so", source="int absent(void);\nint wants(void) { return absent(); }\n")
    assert errors(lab, asking(lab), "now", library) == [f"{library}: undefined symbol: absent"]


def test_a_missing_dependency_is_named_with_the_object_that_needs_it(lab):
    below = lab.library_below("other/libbelow.so", "below")
    library = lab.asking_library("other/libasking.so", needs=[below])
    below.unlink()
    (line,) = errors(lab, asking(lab), "now", library)
    assert line.startswith(f"libbelow.so: {MISSING}, needed by {library}")


def versioned(lab, version):
    script = lab.path("script.map")
    script.write_text(f"{version} {{ global: who; local: *; }};\n")
    return lab.library("other/libversioned.so", source=LIBRARY, flags=[f"-Wl,--version-script={script}"])


def test_a_missing_version_is_named_with_the_object_that_lacks_it(lab):
    source = "const char *who(void);\nconst char *asks(void) { return who(); }\n"
    library = lab.library("other/libasking.so", source=source, needs=[versioned(lab, "WHO_2")],
                          flags=["-Wl,-rpath,$ORIGIN"])
    below = versioned(lab, "WHO_1")
    (line,) = errors(lab, asking(lab), "now", library)
    assert re.fullmatch(re.escape(f"{library}: needs version WHO_2, which ") + "(.*/)?libversioned.so does not define",
                        line), (line, below)


def test_a_missing_symbol_of_a_handle_is_named_with_its_object(lab):
    library = lab.library("other/libhas.so", "has")
    assert errors(lab, asking(lab), "open", library, "symbol", "absent") == [f"{library}: undefined symbol: absent"]


def test_a_missing_version_of_a_symbol_is_named(lab):
    library = versioned(lab, "WHO_1")
    assert errors(lab, asking(lab), "open", library, "version", "WHO_9") == [
        f"{library}: undefined symbol: who, version WHO_9"]


@pytest.mark.parametrize("scope", ["default", "next"])
def test_a_missing_symbol_of_a_scope_is_named_with_who_asked(lab, scope):
    program = asking(lab)
    assert errors(lab, program, scope, "absent") == [f"{program}: undefined symbol: absent"]


def test_a_mode_without_a_time_to_bind_is_shown(lab):
    library = lab.library("other/libhas.so", "has")
    assert errors(lab, asking(lab), "mode", library) == [
        f"{library}: cannot be opened: mode 0x100 has neither RTLD_LAZY nor RTLD_NOW"]


def test_an_object_that_is_not_loaded_is_an_error_for_musl(tmp_path):
    lab = Laboratory(tmp_path, "x86_64", libc="musl")
    library = lab.library("other/libhas.so", "has")
    assert ours(lab, asking(lab), "loaded", library) == [
        f"{library}: is not loaded, and RTLD_NOLOAD forbids loading it"]


def test_the_next_object_after_code_in_no_object_is_an_error(lab):
    assert ours(lab, lab.program("bin/program", source=_CASES / "next_outside.c")) == [
        "absent: RTLD_NEXT is used by code that is in no loaded object"]


def test_an_object_that_must_not_be_opened_is_told_by_its_flag(lab):
    library = lab.library("other/libfixed.so", "fixed", flags=["-Wl,-z,nodlopen"])
    (line,) = errors(lab, asking(lab), "now", library)
    assert line.startswith(f"{library}: cannot be opened: ") and "DF_1_NOOPEN" in line


def test_a_program_is_told_by_its_flag(lab):
    program = asking(lab)
    other = lab.program("other/program", source=ASKING)
    (line,) = errors(lab, program, "now", other)
    assert line.startswith(f"{other}: cannot be opened: ") and "DF_1_PIE" in line


def test_a_program_at_a_fixed_address_is_told_by_its_type(lab):
    other = lab.program("other/program", source=ASKING, pie=False, flags=["-no-pie"])
    (line,) = errors(lab, asking(lab), "now", other)
    assert line.startswith(f"{other}: cannot be opened: ") and "ET_EXEC" in line


def test_tls_of_an_alignment_that_no_memory_has_is_refused(lab):
    library = lab.library("other/libaligned.so", source="__thread int one = 1;\nint who(void) { return one; }\n")
    image = bytearray(library.read_bytes())
    (tls,) = (at for at, kind, _ in program_headers(image) if kind == PT_TLS)
    struct.pack_into("<Q", image, tls + 48, 1 << 40)
    library.write_bytes(image)
    assert ours(lab, asking(lab), "now", library) == [
        f"{library}: PT_TLS p_align 0x10000000000 is too large, limit 0x100000000"]


def test_too_much_initial_exec_tls_is_told_with_what_is_left(lab):
    library = lab.library("other/liblarge.so", source="""
static __thread char large[1000000] __attribute__((tls_model("initial-exec")));
char *who(void) { return large; }
""")
    (line,) = errors(lab, asking(lab), "now", library)
    assert re.fullmatch(re.escape(f"{library}: no room for the initial-exec TLS of ") +
                        r"\S+: 1000000 bytes, \d+ of the surplus are left at address 0x[0-9a-f]+", line), line


def test_a_request_that_dlinfo_does_not_know_is_told_by_its_number(lab):
    library = lab.library("other/libhas.so", "has")
    assert errors(lab, asking(lab), "open", library, "request", "999") == [f"{library}: dlinfo knows no request 999"]


def test_another_namespace_is_refused(lab):
    library = lab.library("other/libhas.so", "has")
    assert ours(lab, asking(lab), "new", library) == [
        f"{library}: cannot be opened: dlmopen supports only LM_ID_BASE"]


@pytest.mark.parametrize("question", ["bad symbol", "bad close", "bad info"])
def test_what_is_no_handle_is_shown(lab, question):
    assert ours(lab, asking(lab), question, "who") == ["0x1230: is not the handle of an open object"]


def test_a_closed_handle_is_shown(lab):
    program = lab.program("bin/program", source=_CASES / "closed_handle.c")
    library = lab.library("other/libhas.so", "has")
    assert ours(lab, program, library) == ["a symbol: yes", "a close: yes"]


def test_control_characters_of_a_name_are_not_passed_on(lab):
    (line,) = errors(lab, asking(lab), "now", "/nowhere/lib\x1b[31mred.so")
    assert line.startswith(f"/nowhere/lib?[31mred.so: {MISSING}")
