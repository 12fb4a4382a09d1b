"""tools/try is how a person first meets the loader: what it promises on its first screen holds."""

from loaders import PROJECT, loader
from process import run

TRY = PROJECT / "tools" / "try"


def attempt(*arguments, cwd=PROJECT):
    return run([TRY, *arguments], timeout=120, cwd=cwd)


def test_the_exit_status_of_the_program_is_passed_through():
    assert attempt("/bin/sh", "-c", "exit 7").status == 7


def test_standard_output_holds_what_the_program_wrote_and_nothing_else():
    result = attempt("/bin/sh", "-c", "echo one; echo two")
    assert (result.status, result.out) == (0, "one\ntwo\n"), result


def test_a_program_without_a_slash_is_found_in_path():
    result = attempt("echo", "found")
    assert (result.status, result.out) == (0, "found\n"), result


def test_the_program_runs_in_the_folder_of_the_caller(tmp_path):
    result = attempt("/bin/pwd", "-P", cwd=tmp_path)
    assert (result.status, result.out) == (0, f"{tmp_path.resolve()}\n"), result


def test_a_program_that_does_not_exist_is_said_so_with_status_127():
    result = attempt("no-such-program-anywhere")
    assert result.status == 127, result
    assert result.err.endswith("try: no-such-program-anywhere is not in PATH\n"), result


def test_the_tour_shows_programs_under_the_loader():
    result = attempt()
    assert result.status == 0, result
    assert "  hello from bash" in result.out, result
    assert loader("x86_64").name in result.out, result
    assert '  {"a thread": "runs", "1/7": 0.14285714285714285}' in result.out, result
