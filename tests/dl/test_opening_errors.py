"""What dlerror says: glibc's words, because programs compare them. "invalid ELF header" or "file too short" makes GHC and
Ruby's Fiddle take the file for a linker script, and scripts look for "cannot open shared object file".
What glibc has no words for, or does not survive, is told in ours.
"""

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
    """The lines under our loader, which must be glibc's."""
    own_dlopen.require(lab.machine)
    wanted = lab.run(program, *map(str, words), loader=lab.theirs)
    assert wanted.status == 0 and "(null)" not in wanted.stdout, wanted
    found = ours(lab, program, *words)
    assert found == wanted.stdout.splitlines()
    return found


def changed(lab, at, value):
    """A library with one byte of its header changed."""
    library = lab.library(f"other/libat{at}.so", "at")
    image = bytearray(library.read_bytes())
    image[at] = value
    library.write_bytes(image)
    return library


@pytest.mark.parametrize("name", ["libmissing.so", "/nowhere/libmissing.so", "/etc/passwd/libmissing.so"])
def test_a_missing_object_is_told_as_by_glibc(lab, name):
    errors(lab, asking(lab, flags=["-Wl,--enable-new-dtags,-rpath,$ORIGIN/plugins"]), "now", name)


@pytest.mark.parametrize("text", [b"\x7fELF", b"", b"INPUT(libc.so)\n", b"no ELF file " * 20, b"/* GNU ld script */ GROUP ( libc.so.6 ) " * 4])
def test_a_file_that_is_no_object_is_told_as_by_glibc(lab, text):
    file = lab.path("other/libtext.so")
    file.write_bytes(text)
    errors(lab, asking(lab), "now", file)


@pytest.mark.parametrize("length", [63, 64, 100])
def test_a_cut_object_is_told_as_by_glibc(lab, length):
    library = lab.library("other/libcut.so", "cut")
    library.write_bytes(library.read_bytes()[:length])
    errors(lab, asking(lab), "now", library)


def test_a_folder_is_told_as_by_glibc(lab):
    errors(lab, asking(lab), "now", lab.folder)


@pytest.mark.parametrize("at, value", [(4, 1), (5, 2), (6, 2), (7, 9), (16, 1), (20, 2), (54, 1), (56, 0)],
                         ids=["class", "byte order", "version", "ABI", "type", "second version", "size", "count"])
def test_a_wrong_header_is_told_as_by_glibc(lab, at, value):
    errors(lab, asking(lab), "now", changed(lab, at, value))


def test_an_object_of_the_other_machine_is_told_as_by_glibc(lab):
    other = "aarch64" if lab.machine == "x86_64" else "x86_64"
    errors(lab, asking(lab), "now", lab.library("other/libother.so", "other", machine=other))


def test_an_object_of_another_class_in_the_search_is_told_as_by_glibc(lab):
    library = changed(lab, 4, 1)
    errors(lab, asking(lab, flags=["-Wl,-rpath,$ORIGIN/../other"]), "now", library.name)


def test_a_missing_function_is_told_as_by_glibc(lab):
    library = lab.library("other/libwants.so", source="int absent(void);\nint wants(void) { return absent(); }\n")
    assert errors(lab, asking(lab), "now", library) == [f"{library}: undefined symbol: absent"]


CALLING = """
#include <dlfcn.h>
int main(int argc, char **argv) {
  void *handle = dlopen(argv[argc - 1], RTLD_LAZY);
  int (*wants)(void) = (int (*)(void))dlsym(handle, "wants");
  return wants();
}
"""


def test_a_missing_function_that_is_called_ends_the_program_as_under_glibc(lab):
    own_dlopen.require(lab.machine)
    library = lab.library("other/libwants.so", source="int absent(void);\nint wants(void) { return absent(); }\n")
    program = lab.program("bin/caller", source=CALLING)
    wanted = lab.run(program, str(library), loader=lab.theirs)
    assert wanted.status == 127 and wanted.stderr.endswith(f": symbol lookup error: {library}: undefined symbol: absent\n")
    found = lab.run(program, str(library))
    assert (found.status, found.stdout, found.stderr) == (wanted.status, wanted.stdout, wanted.stderr)


def test_a_missing_dependency_is_told_as_by_glibc(lab):
    below = lab.library_below("other/libbelow.so", "below")
    library = lab.asking_library("other/libasking.so", needs=[below])
    below.unlink()
    errors(lab, asking(lab), "now", library)


def test_the_trace_tells_who_asked_and_where_it_was_looked_for(lab):
    own_dlopen.require(lab.machine)
    program = asking(lab, flags=["-Wl,--enable-new-dtags,-rpath,$ORIGIN/plugins"])
    outcome = lab.run(program, "now", "libmissing.so", LD_DEBUG="files")
    assert f"dlerror: libmissing.so: {MISSING}, needed by {program} (looked in " in outcome.stderr


def versioned(lab, version):
    script = lab.path("script.map")
    script.write_text(f"{version} {{ global: who; local: *; }};\n")
    return lab.library("other/libversioned.so", source=LIBRARY, flags=[f"-Wl,--version-script={script}"])


def test_a_missing_version_is_told_as_by_glibc(lab):
    source = "const char *who(void);\nconst char *asks(void) { return who(); }\n"
    library = lab.library("other/libasking.so", source=source, needs=[versioned(lab, "WHO_2")],
                          flags=["-Wl,-rpath,$ORIGIN"])
    below = versioned(lab, "WHO_1")
    assert errors(lab, asking(lab), "now", library) == [
        f"{below}: version `WHO_2' not found (required by {library})"]


@pytest.mark.parametrize("question", [("symbol", "absent"), ("version", "WHO_9"), ("default", "absent"),
                                      ("next", "absent"), ("request", "999")])
def test_a_question_without_an_answer_is_told_as_by_glibc(lab, question):
    errors(lab, asking(lab), "open", versioned(lab, "WHO_1"), *question)


def test_a_mode_without_a_time_to_bind_is_told_as_by_glibc(lab):
    errors(lab, asking(lab), "mode", lab.library("other/libhas.so", "has"))


def test_an_object_that_must_not_be_opened_is_told_as_by_glibc(lab):
    errors(lab, asking(lab), "now", lab.library("other/libfixed.so", "fixed", flags=["-Wl,-z,nodlopen"]))


def test_the_next_object_after_code_in_no_object_is_an_error(lab):
    errors(lab, lab.program("bin/program", source=_CASES / "next_outside.c"))


@pytest.mark.parametrize("choices", [{}, {"pie": False, "flags": ["-no-pie"]}], ids=["PIE", "at a fixed address"])
def test_a_program_is_told_as_by_glibc(lab, choices):
    errors(lab, asking(lab), "now", lab.program("other/program", source=ASKING, **choices))


def test_tls_of_an_alignment_that_no_memory_has_is_refused(lab):
    library = lab.library("other/libaligned.so", source="__thread int one = 1;\nint who(void) { return one; }\n")
    image = bytearray(library.read_bytes())
    (tls,) = (at for at, kind, _ in program_headers(image) if kind == PT_TLS)
    struct.pack_into("<Q", image, tls + 48, 1 << 40)
    library.write_bytes(image)
    assert ours(lab, asking(lab), "now", library) == [
        f"{library}: PT_TLS p_align 0x10000000000 is too large, limit 0x100000000"]


def test_too_much_initial_exec_tls_is_told_as_by_glibc(lab):
    errors(lab, asking(lab), "now", lab.library("other/liblarge.so", source="""
static __thread char large[1000000] __attribute__((tls_model("initial-exec")));
char *who(void) { return large; }
"""))


def test_without_libc_there_is_no_other_namespace(tmp_path):
    bare = Laboratory(tmp_path, "x86_64")
    program = bare.program("bin/program", source=_CASES / "apart.c", needs=[bare.ours])
    assert ours(bare, program) == ["libany.so: cannot be opened: this libc has no other namespace than LM_ID_BASE"]


@pytest.mark.parametrize("question", ["bad symbol", "bad close", "bad info"])
def test_what_is_no_handle_is_shown(lab, question):
    assert ours(lab, asking(lab), question, "who") == ["0x1230: is not the handle of an open object"]


def test_a_closed_handle_is_shown(lab):
    program = lab.program("bin/program", source=_CASES / "closed_handle.c")
    library = lab.library("other/libhas.so", "has")
    assert ours(lab, program, library) == ["a symbol: yes", "a close: yes"]


def test_control_characters_of_a_name_are_not_passed_on(lab):
    assert ours(lab, asking(lab), "now", "/nowhere/lib\x1b[31mred.so") == [f"/nowhere/lib?[31mred.so: {MISSING}"]
