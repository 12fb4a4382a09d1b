"""Whose word counts: built in, the program's note, LDSEAL, in this order; and what happens to a word nobody knows."""

import struct

import pytest

from elf_file import ElfFile
from hatch_harness import build, start_of, verdicts
from loaders import emulator, loader, with_interpreter
from process import environment, run

BY_DEFAULT = ("text", "plt", "relro", "system", "loader")
CANNOT_START = 127
MSEAL, ENOSYS = "462", "38"


@pytest.fixture
def program(tmp_path):
    """Makes shows_itself with a policy of its own and our loader as its interpreter."""
    def made(policy=None, *flags, compiler="gcc"):
        words = [] if policy is None else [f'-DPOLICY="{policy}"']
        interpreter = f"-Wl,--dynamic-linker={loader('x86_64')}"
        return build("shows_itself.c", tmp_path / "shows_itself", interpreter, *words, *flags, compiler=compiler)
    return made


@pytest.fixture
def refuse(tmp_path):
    """Runs a program in a kernel without one system call."""
    return build("../seal/refuse.c", tmp_path / "refuse")


def sealed_classes(start):
    """The classes that the plan seals something of; it must be what is sealed in memory."""
    assert start.sealed_in_memory == start.sealed_by_plan
    return {entry.seal_class for entry in start.trace.plan if entry.is_sealed}


# The note, LDSEAL, and the classes that are sealed then.
LATER_WINS = {
    "nobody says anything": (None, None, {*BY_DEFAULT}),
    "the note takes one out": ("-system", None, {"text", "plt", "relro", "loader"}),
    "the note adds one": ("+data", None, {*BY_DEFAULT, "data"}),
    "the note says several things": ("-text,-relro,+data", None, {"system", "loader", "data"}),
    "in the note the later word wins": ("-data,+data,+system,-system", None, {"text", "plt", "relro", "loader", "data"}),
    "the note turns all off": ("off", None, set()),
    "off and then one": ("off,+text", None, {"text"}),
    "the PLT, which is text, alone": ("off,+plt", None, set()),
    "without the PLT": ("-plt", None, {"text", "relro", "system", "loader"}),
    "the note says on": ("on", None, {*BY_DEFAULT}),
    "the note says require": ("require", None, {*BY_DEFAULT}),
    "an empty note": ("", None, {*BY_DEFAULT}),
    "LDSEAL alone": (None, "-loader", {"text", "plt", "relro", "system"}),
    "LDSEAL=off alone": (None, "off", set()),
    "an empty LDSEAL": ("-system", "", {"text", "plt", "relro", "loader"}),
    "LDSEAL over the note": ("-system", "+system", {*BY_DEFAULT}),
    "LDSEAL=on over the note's off": ("off", "on", {*BY_DEFAULT}),
    "LDSEAL=off over the note's require": ("require", "off", set()),
    "LDSEAL and the note about different classes": ("-system,+data", "-text", {"relro", "loader", "data"}),
    "LDSEAL gives nothing back that it does not name": ("-system", "+data", {"text", "plt", "relro", "loader", "data"}),
}


@pytest.mark.parametrize("note, variable, wanted", LATER_WINS.values(), ids=LATER_WINS)
def test_the_later_word_wins(program, note, variable, wanted):
    assert sealed_classes(start_of([program(note)], LDSEAL=variable)) == wanted


@pytest.mark.parametrize("note, variable", [("off", None), (None, "off")])
def test_the_trace_says_that_nothing_is_wanted(program, note, variable):
    assert start_of([program(note)], LDSEAL=variable).trace.summary.startswith("not sealed: ")


def test_what_the_policy_leaves_out_is_left_and_the_rest_is_as_ever(program):
    plain, seen = start_of([program()]), start_of([program("-system")])
    assert seen.without("system") == plain.without("system")
    assert verdicts(plain.of("system")) == {"sealed"} and verdicts(seen.of("system")) <= {"left"}


@pytest.mark.parametrize("compiler, linker", [("gcc", "bfd"), ("clang", "lld")])
@pytest.mark.parametrize("form", ["-pie", "-no-pie"])
def test_the_note_is_found_however_the_program_was_linked(program, form, compiler, linker):
    made = program("-system", form, f"-fuse-ld={linker}", compiler=compiler)
    assert sealed_classes(start_of([made])) == {"text", "plt", "relro", "loader"}


def test_the_note_is_found_after_patchelf(program, tmp_path):
    (tmp_path / "patched").mkdir()
    made = with_interpreter(program("-system"), loader("x86_64"), tmp_path / "patched")
    assert sealed_classes(start_of([made])) == {"text", "plt", "relro", "loader"}


def test_the_note_counts_when_the_loader_is_the_command(program):
    assert sealed_classes(start_of([loader("x86_64"), program("-system")])) == {"text", "plt", "relro", "loader"}


def test_only_the_programs_note_counts_not_a_librarys(tmp_path, program):
    source = tmp_path / "says.c"
    source.write_text('#include <ldseal/policy.h>\nLDSEAL_POLICY("off");\nextern int something;\n')
    library = build(source, tmp_path / "libsays.so", "-shared", "-fPIC", "-Wl,-soname,libsays.so")
    made = program(None, "-Wl,--no-as-needed", str(library), f"-Wl,-rpath,{tmp_path}")
    assert sealed_classes(start_of([made])) == {*BY_DEFAULT}


GNU_PROPERTIES = 5
PT_GNU_PROPERTY = 0x6474E553
NO_COPY_ON_PROTECTED, MEMORY_SEAL, X86_FEATURES = 2, 3, 0xC0000002


def with_memory_seal(program):
    """Writes GNU_PROPERTY_MEMORY_SEAL, which Debian's linkers do not know, among the properties of a linked program.

    The linker was asked for one x86 property; with the ISA level there is room for three of other sizes.
    """
    properties = b"".join((struct.pack("<II", NO_COPY_ON_PROTECTED, 0), struct.pack("<II", MEMORY_SEAL, 0),
                           struct.pack("<IIII", X86_FEATURES, 4, 0, 0)))
    note = struct.pack("<III4s", 4, len(properties), GNU_PROPERTIES, b"GNU\0") + properties
    (segment,) = ElfFile(program).segments_of(PT_GNU_PROPERTY)
    assert segment.file_size == len(note)
    with open(program, "r+b") as file:
        file.seek(segment.offset)
        file.write(note)
    return program


@pytest.mark.parametrize("note, wanted", [(None, {*BY_DEFAULT}), ("-system", {"text", "plt", "relro", "loader"})])
def test_GNU_PROPERTY_MEMORY_SEAL_means_on_and_the_note_says_more(program, note, wanted):
    made = with_memory_seal(program(note, "-fuse-ld=bfd", "-Wl,-z,ibt"))
    assert sealed_classes(start_of([made])) == wanted
    assert sealed_classes(start_of([made], LDSEAL="off")) == set()


NO_WORD = "there are on, off, require, +CLASS and -CLASS"
NO_CLASS = "known: text relro system loader plt data dlopen wx stack"
# What is said, and what the loader says of it.
UNKNOWN = {
    "a word": ("of", f"unknown word of; {NO_WORD}"),
    "a class to add": ("+heap", f"unknown class +heap; {NO_CLASS}"),
    "a class to take out": ("on,-heap", f"unknown class -heap; {NO_CLASS}"),
    "a class of the hatch alone": ("-guards", f"unknown class -guards; {NO_CLASS}"),
    "a sign without a class": ("+", f"unknown class +; {NO_CLASS}"),
    "a class without a sign": ("text", f"unknown word text; {NO_WORD}"),
    "a word in capitals": ("OFF", f"unknown word OFF; {NO_WORD}"),
    "a blank": ("on, off", f"unknown word  off; {NO_WORD}"),
}


@pytest.mark.parametrize("words, complaint", UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_word_in_LDSEAL_keeps_the_program_from_starting(program, words, complaint):
    result = run([program()], env=environment(LDSEAL=words))
    assert (result.status, result.out, result.err) == (CANNOT_START, "", f"ld-seal: environment: LDSEAL: {complaint}\n")


@pytest.mark.parametrize("words, complaint", UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_word_in_the_note_keeps_the_program_from_starting(program, words, complaint):
    made = program(words)
    result = run([made], env=environment(LDSEAL="on"))
    assert (result.status, result.out, result.err) == (
        CANNOT_START, "", f"ld-seal: {made}: .note.ldseal: {complaint}\n")


@pytest.fixture
def foreign(tmp_path):
    """Makes the command line of shows_itself for aarch64, where the emulator has no mseal."""
    def made(policy=None):
        words = [] if policy is None else [f'-DPOLICY="{policy}"']
        program = build("shows_itself.c", tmp_path / "shows_itself", *words, machine="aarch64")
        return [*emulator("aarch64"), "-L", "/usr/aarch64-linux-gnu", loader("aarch64"), program]
    return made


def wanted_classes(start):
    """What the policy asked for, be it sealed or not."""
    return {entry.seal_class for entry in start.trace.plan if entry.is_sealed or "mseal" in entry.reason}


@pytest.mark.parametrize("note, variable, wanted", [
    (None, None, {"text", "plt", "relro", "loader"}), ("-text,+data", None, {"relro", "loader", "data"}),
    ("-text", "+text,-relro", {"text", "plt", "loader"})])
def test_on_aarch64_the_same_words_count(foreign, note, variable, wanted):
    """Of `system` nothing is said here: some emulators give a program no vDSO."""
    assert wanted_classes(start_of(foreign(note), LDSEAL=variable)) - {"system"} == wanted


@pytest.mark.parametrize("note, variable, place", [("-heap", None, ".note.ldseal"), (None, "-heap", "LDSEAL")])
def test_on_aarch64_an_unknown_word_keeps_the_program_from_starting(foreign, note, variable, place):
    result = run(foreign(note), env=environment(LDSEAL=variable))
    assert (result.status, result.out) == (CANNOT_START, "")
    assert result.err.endswith(f": {place}: unknown class -heap; {NO_CLASS}\n")


def test_on_aarch64_require_is_refused_by_the_emulator(foreign):
    result = run(foreign("require"))
    assert (result.status, result.out) == (CANNOT_START, "")
    assert "cannot be sealed, as the policy requires: Function not implemented" in result.err


def test_the_notes_require_counts_where_the_kernel_cannot_seal(program, refuse):
    result = run([refuse, MSEAL, ENOSYS, "--", program("require")])
    assert (result.status, result.out) == (CANNOT_START, "")
    assert result.err.startswith("ld-seal: ") and result.err.count("\n") == 1
    assert "cannot be sealed, as the policy requires: Function not implemented" in result.err


@pytest.mark.parametrize("note, variable", [("require", "off"), ("require,-text,-relro,-system,-loader,-plt", None)])
def test_require_is_content_when_nothing_is_wanted(program, refuse, note, variable):
    assert start_of([refuse, MSEAL, ENOSYS, "--", program(note)], LDSEAL=variable).sealed_in_memory == []
