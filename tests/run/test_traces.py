"""LD_DEBUG: each word gives its lines, on standard error or in a file, and the program runs as without it."""

import re

import pytest
from sources import sources_of

CASES = sources_of(__file__)

# word: what a line of it must hold for a program that calls a function of libwho.so
WORDS = {
    "libs": r"find library=libwho\.so",
    "files": r"file=libwho\.so",
    "symbols": r"symbol=who;\s+lookup in file=",
    "bindings": r"binding file \S*program \[0\] to \S*libwho\.so \[0\]: normal symbol `who'",
    "reloc": r"relocation processing: \S*libwho\.so",
    "scopes": r"Initial object scopes",
    "statistics": r"relocations",
}


@pytest.fixture
def program(lab):
    library = lab.library("libs/libwho.so", "who")
    return lab.program("program", [library], flags=[f"-Wl,-rpath,{library.parent}"])


@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_LD_DEBUG_gives_its_lines(lab, program, word):
    assert re.search(WORDS[word], lab.run(program, LD_DEBUG=word, loader=lab.theirs, LD_BIND_NOW="1").stderr)
    assert re.search(WORDS[word], lab.run(program, LD_DEBUG=word).stderr)


@pytest.mark.parametrize("word", [*WORDS, "versions", "tls", "all"])
def test_the_program_runs_the_same_with_LD_DEBUG(lab, program, word):
    plain, traced = lab.run(program), lab.run(program, LD_DEBUG=word)
    assert (traced.status, traced.stdout) == (plain.status, plain.stdout)


@pytest.mark.parametrize("between", ["colon", "space", "comma"])
def test_several_words_give_the_lines_of_each(native_lab, between):
    library = native_lab.library("libs/libwho.so", "who")
    program = native_lab.program("program", [library], flags=[f"-Wl,-rpath,{library.parent}"])
    mark = {"colon": ":", "space": " ", "comma": ","}[between]
    trace = native_lab.run(program, LD_DEBUG=f"libs{mark}bindings").stderr
    assert re.search(WORDS["libs"], trace) and re.search(WORDS["bindings"], trace)


def test_each_line_begins_with_the_process_number(lab, program):
    lines = lab.run(program, LD_DEBUG="bindings").stderr.splitlines()
    assert [line for line in lines if line and not re.match(r"\s*\d+:\t", line)] == []


def test_a_versioned_binding_names_the_version(glibc_lab):
    program = glibc_lab.program("program", source="#include <stdio.h>\nint main(void) { return puts(\"x\") < 0; }\n")
    wanted = r"normal symbol `puts' \[GLIBC_2\.2\.5\]"
    oracle = glibc_lab.run(program, LD_DEBUG="bindings", loader=glibc_lab.theirs, LD_BIND_NOW="1")
    assert re.search(wanted, oracle.stderr)
    assert re.search(wanted, glibc_lab.run(program, LD_DEBUG="bindings").stderr)


def scope_lines(trace, loaders):
    """Without process numbers and without what is said of a loader, which is another one on each side."""
    lines = [re.sub(r"^\s*\d+:\t", "", line) for line in trace.splitlines()]
    text = "\n".join(line for line in lines if line)
    text = re.sub(rf"(?m)^object={loaders} \[0\]\n no scope\n?", "", text)
    return re.sub(rf" {loaders}(?= |$)", "", text, flags=re.MULTILINE)


def test_scopes_are_told_as_glibc_tells_them(glibc_lab):
    below = glibc_lab.library("libbelow.so", "below", function="name_below")
    for name in ("own", "global"):
        glibc_lab.library(f"lib{name}.so", name, needs=[below], flags=[f"-Wl,-rpath,{glibc_lab.folder}"])
    program = glibc_lab.program("program", ["-lm"], source=CASES / "opens.c",
                                flags=[f"-Wl,-rpath,{glibc_lab.folder}"])
    theirs, ours = (scope_lines(glibc_lab.run(program, loader=loader, LD_DEBUG="scopes").stderr,
                                r"\S*/ld-(?:seal|linux)\S*") for loader in (glibc_lab.theirs, glibc_lab.ours))
    assert theirs.startswith("Initial object scopes\nobject=")
    assert "libglobal.so [0] to global scope" in theirs
    assert ours == theirs


def test_help_lists_the_words_and_does_not_run_the_program(lab, program):
    wanted = lab.run(program, LD_DEBUG="help", loader=lab.theirs)
    found = lab.run(program, LD_DEBUG="help")
    text = found.stdout + found.stderr
    assert wanted.status == found.status == 0
    assert [word for word in WORDS if word not in text] == []
    assert "who: " not in text


def test_an_unknown_word_is_said(lab, program):
    said = lab.run(program, LD_DEBUG="nonsense").stderr
    assert "ld-seal: LD_DEBUG: unknown word nonsense; LD_DEBUG=help lists them (ignored)\n" in said


def test_LD_DEBUG_OUTPUT_writes_into_a_file_with_the_process_number(native_lab, tmp_path):
    library = native_lab.library("libs/libwho.so", "who")
    program = native_lab.program("program", [library], flags=[f"-Wl,-rpath,{library.parent}"])
    found = native_lab.run(program, LD_DEBUG="bindings", LD_DEBUG_OUTPUT=str(tmp_path / "trace"))
    assert found.stderr == ""
    files = [path for path in tmp_path.iterdir() if re.fullmatch(r"trace\.\d+", path.name)]
    assert len(files) == 1
    assert re.search(WORDS["bindings"], files[0].read_text())
