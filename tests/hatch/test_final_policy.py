"""A note that says `final`: whatever the caller does, the program keeps what it says of itself, and gets what they add."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
import seal_tools

from hatch_harness import PUBLIC_HEADERS, SOURCES, build
from loaders import PROJECT, loader
from process import environment, run
from test_set_user_id import AS_NOBODY

NO_SUCH_CALL = ("462", "38")  # mseal, ENOSYS
CANNOT_START = 127
INTERPRETER = f"-Wl,--dynamic-linker={loader('x86_64')}"
WRAPPER = PROJECT / "build/crt/ldseal-cc"
HOW = {"glibc": ["gcc", INTERPRETER], "musl": ["musl-gcc", INTERPRETER],
       "static with glibc": [WRAPPER], "static with musl": [WRAPPER, "--compiler=clang", "--libc=musl"]}


@pytest.fixture(params=HOW.values(), ids=HOW)
def program(request, tmp_path):
    """Makes shows_itself, in each of the ways, with this note."""
    def made(note, folder=tmp_path):
        output = folder / "shows_itself"
        result = run([*request.param, f'-DPOLICY="{note}"', f"-I{PUBLIC_HEADERS}", SOURCES / "shows_itself.c", "-o", output])
        assert (result.status, result.err) == (0, ""), result
        return output
    return made


def sealed(command, **variables):
    """What is sealed of a program that shows itself, by name, without the addresses that every start chooses anew."""
    result = run(command, env=environment(**variables))
    assert result.status == 0, result
    areas = seal_tools.parse_smaps(result.out.partition("mappings:\n")[2])
    return sorted((area.name, area.permissions, area.end - area.start) for area in areas if area.is_sealed)


TAKING = ["off", "-text", "-relro", "-system", "-text,-relro,-system,-loader", "off,+data,-data", "on,off"]


@pytest.mark.parametrize("variable", TAKING)
def test_LDSEAL_takes_nothing_away(program, variable):
    made = program("final")
    assert sealed([made], LDSEAL=variable) == sealed([made]) != []


def test_the_same_words_take_seals_from_a_program_that_is_not_final(program):
    assert sealed([program("require")], LDSEAL="off") == []


def test_the_hatch_takes_nothing_away(program, sealctl):
    made = program("require,final")
    assert sealed([sealctl, "run", "--exempt=all", "--", made]) == sealed([made]) != []


def test_the_hatch_takes_what_a_note_that_is_not_final_says(program, sealctl):
    assert sealed([sealctl, "run", "--exempt=all", "--", program("require")]) == []


def test_what_looks_like_rr_takes_nothing_away(program, tmp_path):
    recorder = build("rr_stand_in.c", tmp_path / "rr")
    made = program("final")
    assert sealed([recorder, "variable,answer", made]) == sealed([made])
    assert sealed([recorder, "variable,answer", program("on")]) == []


def test_LDSEAL_adds(program):
    made = program("-system,final")
    names = {name for name, *_ in sealed([made], LDSEAL="+system")}
    assert "[vdso]" in names and "[vdso]" not in {name for name, *_ in sealed([made])}
    assert [words for words in sealed([made], LDSEAL="+data") if words[1] == "rw-p"] != []


def test_what_LDSEAL_adds_the_hatch_takes_again(program, sealctl):
    made = program("-system,final")
    assert sealed([sealctl, "run", "--exempt=all", "--", made], LDSEAL="+system") == sealed([made])


def test_require_stays_required_where_the_kernel_cannot_seal(program, tmp_path):
    refuse = build("../seal/refuse.c", tmp_path / "refuse")
    for variable in ("off", "on", "-text"):
        result = run([refuse, *NO_SUCH_CALL, "--", program("require,final")], env=environment(LDSEAL=variable))
        assert (result.status, result.out) == (CANNOT_START, "")
        assert "cannot be sealed, as the policy requires: Function not implemented" in result.err


def test_final_alone_requires_nothing(program, tmp_path):
    refuse = build("../seal/refuse.c", tmp_path / "refuse")
    assert sealed([refuse, *NO_SUCH_CALL, "--", program("final")]) == []


def test_LDSEAL_cannot_say_final(program):
    result = run([program("on")], env=environment(LDSEAL="final"))
    assert (result.status, result.out) == (CANNOT_START, "")
    assert "LDSEAL: unknown word final; there are on, off, require, +CLASS and -CLASS\n" in result.err


@pytest.fixture
def open_folder():
    """A folder that nobody can reach, on a file system that honours set-user-ID."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to make a set-user-ID program and run it as another user")
    folder = Path(tempfile.mkdtemp(prefix="final-policy-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_what_a_set_user_ID_program_under_another_loader_passes_on_takes_nothing_away(program, open_folder):
    """glibc's loader takes no LDSEAL out of the environment, so root's program is started with the caller's."""
    (open_folder / "weak").mkdir()
    passes_on = build("passes_on.c", open_folder / "passes_on")
    passes_on.chmod(0o4755)
    final, weak = program("require,final", open_folder), program("require", open_folder / "weak")
    by_nobody = [*AS_NOBODY, "LDSEAL=off", "RUNNING_UNDER_RR=1", passes_on]
    assert sealed([*by_nobody, final]) == sealed([final]) != []
    assert sealed([*by_nobody, weak]) == []
