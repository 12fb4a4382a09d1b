"""`sealctl prove` makes the attacks on control flow of somebody who can write to memory, and judges them by where the
program goes. Under libc's own loader they must work, or they would show nothing."""

import json
import re
import shutil
from pathlib import Path

import pytest

from elf_file import DT_PLTRELSZ, ElfFile
from loaders import loader, with_interpreter
from process import environment, run
from sources import sources_of
from survey_tools import FINDING, FINE, SEALCTL, SOURCES, compile_program

LOADER = loader("x86_64")
SPOILS = sources_of(__file__) / "spoils.c"
LAZY = ("-Wl,-z,lazy", "-Wl,-z,relro")
needs_musl = pytest.mark.skipif(shutil.which("musl-gcc") is None, reason="no musl-gcc")
RELOCATION_SIZE = 24


@pytest.fixture(scope="module")
def lazy(folder):
    """Its slots are not RELRO."""
    return compile_program(folder / "waits-lazy", SOURCES / "waits.c", "-pthread", *LAZY)


@pytest.fixture(scope="module")
def sealed_lazy(lazy, folder):
    (folder / "sealed").mkdir(exist_ok=True)
    return with_interpreter(lazy, LOADER, folder / "sealed")


@pytest.fixture(scope="module")
def spoils(folder):
    return compile_program(folder / "spoils", SPOILS, *LAZY)


@pytest.fixture(scope="module")
def library(folder):
    source = folder / "calls.c"
    source.write_text("#include <stdio.h>\nvoid calls(void) { puts(\"\"); }\n")
    return compile_program(folder / "libcalls.so", source, "-shared", "-fPIC", *LAZY)


def prove(*words, **options):
    result = run([SEALCTL, "prove", "--json", "--", *map(str, words)], timeout=120, **options)
    assert result.status in (FINE, FINDING) and result.err == "", result
    document = json.loads(result.out[result.out.index("{"):])
    return result.status, document


def calls_of(document, name):
    (found,) = (each for each in document["control_flow"]["calls"] if Path(each["of"]).name == name)
    assert found["slots"] == found["held"] + found["open"] + found["not_made"]
    return found


def exit_of(document):
    """The outcome for each link map, by its name and the object that has the list."""
    found = document["control_flow"]["exit"]
    assert found["reason"] is None, found
    return {(Path(each["of"]).name, each["list"]): each["outcome"] for each in found["link_maps"]}


def slots_in(file):
    """How many DT_JMPREL has, by the file."""
    return ElfFile(file).dynamic_value(DT_PLTRELSZ) // RELOCATION_SIZE


def test_calls_go_where_an_attacker_wants_under_libcs_loader(lazy):
    status, document = prove(lazy)
    found = calls_of(document, lazy.name)
    assert status == FINDING and document["loader"] == "glibc"
    assert (found["open"], found["not_made"], found["reason"]) == (found["slots"], 0, "not under ld-seal")
    assert document["totals"]["open_slots"] >= found["open"] > 5


def test_libcs_own_calls_are_open_as_far_as_its_slots_are_writable(lazy):
    found = calls_of(prove(lazy)[1], "libc.so.6")
    assert found["writable"] == found["open"] + found["not_made"] and found["slots"] > 10


def test_no_call_does_under_ld_seal(sealed_lazy):
    status, document = prove(sealed_lazy)
    assert status == FINE and document["totals"]["open_slots"] == 0
    for each in document["control_flow"]["calls"]:
        assert (each["open"], each["not_made"], each["reason"]) == (0, 0, None), each
    found = calls_of(document, sealed_lazy.name)
    assert found["writable"] > 5, "its slots can be written, and no call reads them"


def test_each_slot_of_a_file_is_counted(lazy, sealed_lazy):
    for program in (lazy, sealed_lazy):
        assert calls_of(prove(program)[1], program.name)["slots"] == slots_in(lazy)


def test_they_do_where_the_class_is_off(sealed_lazy):
    env = environment(LDSEAL="-plt")
    status, document = prove(sealed_lazy, env=env)
    found = calls_of(document, sealed_lazy.name)
    assert status == FINDING and document["totals"]["missing"] == 0, "every seal is there"
    assert (found["open"], found["reason"]) == (found["slots"], "class plt is off: LDSEAL=-plt")
    text = run([SEALCTL, "prove", "--", sealed_lazy], env=env).out
    assert re.search(rf"^OPEN  {sealed_lazy}: GOT overwrite: {found['open']} of {found['slots']} slots "
                     r"\(class plt is off: LDSEAL=-plt\)$", text, re.MULTILINE), text
    assert re.search(rf"^GOT overwrite +OPEN {document['totals']['open_slots']}/\d+ ", text, re.MULTILINE), text


def test_slots_that_are_relro_are_held_under_every_loader(folder):
    program = compile_program(folder / "waits-now", SOURCES / "waits.c", "-pthread", "-Wl,-z,now", "-Wl,-z,relro")
    found = calls_of(prove(program)[1], program.name)
    assert (found["writable"], found["open"], found["held"]) == (0, 0, slots_in(program))


def test_destructors_are_an_attackers_under_libcs_loader(lazy):
    status, document = prove(lazy)
    found = exit_of(document)
    assert status == FINDING
    assert found["", lazy.name] == found["libc.so.6", lazy.name] == "open"
    text = run([SEALCTL, "prove", "--", lazy]).out
    assert f"OPEN  the program: link map at exit ({lazy.name} has the list)\n" in text


def test_they_are_not_under_ld_seal(sealed_lazy):
    """Neither by the list that debuggers see nor by that which libc's rtld keeps."""
    found = exit_of(prove(sealed_lazy)[1])
    assert set(found.values()) == {"held"}
    assert {name for _, name in found} == {sealed_lazy.name, "ld-linux-x86-64.so.2"}


def test_no_writable_word_of_ld_seals_is_an_address_of_code(lazy, sealed_lazy):
    assert [prove(program)[1]["control_flow"]["code_words"] for program in (lazy, sealed_lazy)] == [None, 0]


def test_a_program_that_the_loader_runs_as_a_command(lazy):
    status, document = prove(LOADER, lazy)
    assert status == FINE
    assert calls_of(document, lazy.name)["writable"] > 5 and set(exit_of(document).values()) == {"held"}


def test_what_a_command_becomes_is_attacked(spoils, sealed_lazy):
    """Neither it nor its libraries are those of the command."""
    status, document = prove(spoils, "become", sealed_lazy)
    assert status == FINE and document["loader"] == "ld-seal"
    assert sealed_lazy.name in {Path(each["of"]).name for each in document["control_flow"]["calls"]}


def test_libraries_count(library, tmp_path):
    """Of a library that is bound lazily the name and the number are said."""
    main = tmp_path / "main.c"
    main.write_text("void calls(void);\nint main(void) { calls(); return 0; }\n")
    program = compile_program(tmp_path / "main", main, library, "-Wl,-z,now", f"-Wl,-rpath,{library.parent}")
    assert calls_of(prove(program)[1], library.name)["open"] == slots_in(library)
    (tmp_path / "sealed").mkdir()
    sealed = with_interpreter(program, LOADER, tmp_path / "sealed")
    assert calls_of(prove(sealed)[1], library.name)["held"] == slots_in(library)


@needs_musl
def test_destructors_are_an_attackers_under_musls_loader(musl):
    status, document = prove(musl)
    assert status == FINDING and document["loader"] == "musl"
    assert "open" in exit_of(document).values()


@needs_musl
def test_under_ld_seal_musls_exit_follows_neither_list(sealed_musl):
    """Neither musl's own list of objects nor the one that debuggers see leads to a destructor."""
    status, document = prove(sealed_musl)
    assert (status, document["totals"]["open_slots"], document["totals"]["open_link_maps"]) == (FINE, 0, 0)
    outcomes = {(each["list"], each["outcome"]) for each in document["control_flow"]["exit"]["link_maps"]}
    assert outcomes == {(sealed_musl.name, "held"), ("libc.so", "held")}


def test_a_static_program_has_no_list_and_says_so(static_sealed):
    status, document = prove(static_sealed)
    assert status == FINE
    assert document["control_flow"]["exit"] == {
        "reason": "the program's start code is not known: it calls no __libc_start_main", "link_maps": []}
    text = run([SEALCTL, "prove", "--", static_sealed]).out
    assert re.search(r"^link map at exit +not made +the program's start code ", text, re.MULTILINE), text


def test_a_static_program_without_a_dynamic_section_says_so(static):
    found = calls_of(prove(static)[1], static.name)
    assert (found["slots"], found["reason"]) == (0, "it has no dynamic section, which names its slots")


def test_a_program_that_does_not_reach_main_is_attacked_where_it_ends(spoils):
    _, document = prove(spoils, "end")
    assert document["control_flow"]["exit"]["link_maps"] == []
    assert calls_of(document, spoils.name)["open"] > 0


@pytest.mark.parametrize("how", ["circle", "nowhere", "section"])
def test_a_list_that_is_spoilt_ends_the_walk_and_nothing_else(spoils, how):
    status, document = prove(spoils, "list", how)
    assert status == FINDING and calls_of(document, spoils.name)["open"] > 0


def test_copies_write_nothing(spoils):
    """What the program has in its buffer when it is copied. In the start that runs to its end it is lost by _exit(2)."""
    result = run([SEALCTL, "prove", "--", spoils], timeout=60)
    assert "once" not in result.out and result.err == "", result


def test_a_file_that_is_gone_is_said(library, tmp_path):
    """The first start removes it, so that the second one does not come to main()."""
    gone = Path(shutil.copy(library, tmp_path))
    program = compile_program(tmp_path / "spoils", SPOILS, "-Wl,--no-as-needed", gone, f"-Wl,-rpath,{tmp_path}")
    result = run([SEALCTL, "prove", "--json", "--", program, "unlink", gone], timeout=60)
    document = json.loads(result.out)
    found = calls_of(document, f"{gone.name} (deleted)")
    assert found["slots"] == 0 and found["reason"], found
    assert calls_of(document, "libc.so.6")["slots"] > 10
    assert "cannot open shared object file" in result.err, "the second start says so by itself"


def test_the_program_does_not_run(sealed_lazy, tmp_path):
    copy = with_interpreter(Path("/usr/bin/touch"), LOADER, tmp_path)
    status, _ = prove(copy, tmp_path / "made")
    assert status == FINE and not (tmp_path / "made").exists()
