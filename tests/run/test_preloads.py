"""What cannot be preloaded is passed over in libc's words, a program is no library, and a variable may come twice."""

import pytest

from laboratory import ASKING, SILENT
from sources import sources_of
from workshop import places
from workshop.builder import run_step
from workshop.toolchain import Toolchain

_CASES = sources_of(__file__)
ENTRY = "void _start(void) { for (;;) __builtin_trap(); }\n"


def other_class(lab):
    library = lab.library("other/libnarrow.so", "narrow")
    image = bytearray(library.read_bytes())
    image[4] = 1
    library.write_bytes(image)
    return library


def text(lab):
    path = lab.path("other/libtext.so")
    path.write_text("this is no ELF file, " * 20)
    return path


def short(lab):
    path = lab.path("other/libshort.so")
    path.write_bytes(b"\x7fELF")
    return path


def short_text(lab):
    path = lab.path("other/libscript.so")
    path.write_text("INPUT(libc.so)\n")
    return path


def cut_in_the_program_headers(lab):
    path = lab.library("other/libcut.so", "cut")
    path.write_bytes(path.read_bytes()[:100])
    return path


def other_byte_order(lab):
    path = lab.library("other/libbig.so", "big")
    image = bytearray(path.read_bytes())
    image[5] = 2  # EI_DATA: ELFDATA2MSB
    path.write_bytes(image)
    return path


def folder(lab):
    return lab.folder


def missing(lab):
    return "/nowhere/libmissing.so"


def missing_in_the_search(lab):
    return "libmissing.so"


def pie(lab):
    return lab.program("other/pie", source=SILENT)


def at_fixed_address(lab):
    return lab.program("other/fixed", source=SILENT, pie=False, flags=["-no-pie"])


def static(lab):
    return lab.program("other/static", source=ENTRY, pie=False, flags=["-static", "-no-pie"])


BAD = [other_class, text, short, short_text, cut_in_the_program_headers, other_byte_order, folder, missing, missing_in_the_search, pie, at_fixed_address, static]


@pytest.mark.parametrize("made", BAD, ids=lambda made: made.__name__)
def test_what_cannot_be_preloaded_is_passed_over_in_glibcs_words(lab, made):
    who = lab.library("lib/libwho.so", "who")
    program = lab.program("program", [who], flags=["-Wl,-rpath," + str(who.parent)])
    bad = str(made(lab))
    wanted = lab.same(program, LD_PRELOAD=bad)
    found = lab.run(program, LD_PRELOAD=bad)
    assert f"'{bad}' from LD_PRELOAD cannot be preloaded (" in wanted.stderr
    assert found.stderr == wanted.stderr


@pytest.mark.parametrize("made", [pie, at_fixed_address], ids=lambda made: made.__name__)
def test_a_program_is_no_library_that_can_be_needed(lab, made):
    who = lab.library("lib/libwho.so", "who")
    program = lab.program("program", [who], flags=["-Wl,-rpath," + str(who.parent)])
    made(lab).replace(who)
    wanted = lab.run(program, loader=lab.theirs)
    words = wanted.stderr.strip().rpartition(": ")[2]
    assert wanted.status == 127 and words.startswith("cannot dynamically load ")
    assert words in lab.refusal(program)


def two(lab):
    return [lab.library(f"{name}/libwho.so", name) for name in ("first", "second")]


@pytest.mark.parametrize("variable", ["LD_PRELOAD", "LD_LIBRARY_PATH"])
@pytest.mark.parametrize("empty", [False, True], ids=["two values", "the last one empty"])
def test_of_a_variable_that_is_there_twice_glibc_heeds_the_last(native_lab, variable, empty):
    lab = native_lab
    last, first = two(lab)
    program = lab.program("program", [first], source=ASKING, flags=["-Wl,-rpath," + str(first.parent)])
    twice = lab.folder / "twice"
    run_step(Toolchain("glibc", "x86_64", "gcc", "gnu").compile(_CASES / "twice.c", lab.path("twice.o"), "c", []))
    run_step(Toolchain("glibc", "x86_64", "gcc", "gnu").link_program(
        [lab.path("twice.o")], twice, "c", str(places.interpreter("glibc", "x86_64")), True, []))
    of = (lambda path: path.parent) if variable == "LD_LIBRARY_PATH" else (lambda path: path)
    values = [of(last), "" if empty else of(first)]
    outcomes = [lab.run_directly([twice, variable, *values, loader, program]) for loader in (lab.theirs, lab.ours)]
    assert outcomes[0].status == 3, outcomes[0]
    assert (outcomes[0].status, outcomes[0].stdout) == (outcomes[1].status, outcomes[1].stdout), outcomes[1].stderr


def test_LD_TRACE_LOADED_OBJECTS_lists_with_an_empty_value(native_lab):
    lab = native_lab
    program = lab.program("program", source=SILENT)
    lists = lab.run(program, LD_TRACE_LOADED_OBJECTS="")
    assert lists.status == 0 and "main" not in lists.stdout.splitlines()
    assert "main" not in lab.run(program, loader=lab.theirs, LD_TRACE_LOADED_OBJECTS="").stdout.splitlines()
