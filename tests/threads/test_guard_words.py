"""LDSEAL_GUARD, what the loader makes of it on kernels of every kind, what LD_DEBUG=threads says, what the kernel shows."""

import guard_tools
import pytest
import seal_tools
from guard_tools import start

from loaders import loader
from process import environment, run

EPERM, EINVAL = 1, 22
IN_PAGE_TABLE, OWN_MAPPING = "in the page table", "a separate mapping"
NO_EFFECT = "guards are left to libc (MADV_GUARD_INSTALL has no effect)"
LIBCS = ("glibc", "musl")
BAD_WORD = "ld-seal: environment: LDSEAL_GUARD: unknown word {}; there are auto, madv, prot and off\n"
NOT_POSSIBLE = "ld-seal: environment: LDSEAL_GUARD: madv is not possible: MADV_GUARD_INSTALL has no effect\n"


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("threads")


@pytest.fixture(scope="session", params=LIBCS)
def shown(request, folder):
    return guard_tools.build("shown.c", folder, request.param)


@pytest.fixture(scope="session")
def shown_aarch64(folder):
    return guard_tools.build("shown.c", folder, "glibc", "aarch64")


def ranges(result, word):
    lines = [line.split() for line in result.out.splitlines()]
    return [tuple(int(number, 16) for number in line[1:3]) for line in lines if line[0] == word]


def are_at_the_end_of(told, real):
    """A program is told the guard that it has asked for; the real one is at least as wide."""
    return len(told) == len(real) > 0 and all(
        start >= real_start and end == real_end for (start, end), (real_start, real_end) in zip(told, real))


def is_guarded(result):
    return result.status == 0 and "guarded 1\n" in result.out


@pytest.mark.parametrize("word", [None, "auto", "madv", ""])
def test_guards_are_in_the_page_table_and_the_kernel_shows_them(shown, word):
    found = start(shown, LDSEAL_GUARD=word)
    assert found.maker == ["guards are in the page table"] and is_guarded(found.result), found.result
    traced = [(guard.start, guard.end) for guard in found.guards]
    assert found.kinds == [IN_PAGE_TABLE], found.result
    assert ranges(found.result, "shown") == traced, found.result
    assert are_at_the_end_of(ranges(found.result, "told"), traced), found.result
    assert [end - start for start, end in traced] == [64 << 10], found.result


def test_no_guard_is_left_when_its_thread_has_ended(shown):
    found = start(shown)
    assert ranges(found.result, "shown") and not ranges(found.result, "left"), found.result


@pytest.mark.parametrize("word, why", [("prot", "LDSEAL_GUARD=prot"), ("off", "LDSEAL_GUARD=off")])
def test_guards_are_libcs_own_mappings_where_the_word_says_so(shown, word, why):
    found = start(shown, LDSEAL_GUARD=word)
    assert found.maker == [f"guards are left to libc ({why})"] and found.guards == [], found.result
    assert is_guarded(found.result) and ranges(found.result, "shown") == [], found.result


@pytest.mark.parametrize("word", ["on", "madvise", "AUTO", "auto,prot", "none "])
def test_any_other_word_is_an_error(shown, word):
    result = run([loader("x86_64"), shown], env=environment(LDSEAL_GUARD=word))
    assert (result.status, result.out, result.err) == (127, "", BAD_WORD.format(word)), result


def test_a_bad_word_is_an_error_for_a_program_without_threads(tmp_path):
    result = run([loader("x86_64"), "/bin/true"], env=environment(LDSEAL_GUARD="bad"))
    assert (result.status, result.err) == (127, BAD_WORD.format("bad")), result


@pytest.mark.parametrize("error", [EINVAL, EPERM])
def test_a_kernel_without_guards_gets_libcs_mappings(shown, refuse, error):
    words = refuse(seal_tools.MADVISE, error, 2, seal_tools.GUARD_INSTALL)
    found = start(shown, before=words)
    assert found.maker == [NO_EFFECT] and is_guarded(found.result), found.result


def test_a_kernel_that_lies_gets_libcs_mappings(shown, refuse):
    found = start(shown, before=refuse(seal_tools.MADVISE, 0, 2, seal_tools.GUARD_INSTALL))
    assert found.maker == [NO_EFFECT] and is_guarded(found.result), found.result


def test_madv_is_an_error_where_guards_have_no_effect(shown, refuse):
    words = refuse(seal_tools.MADVISE, 0, 2, seal_tools.GUARD_INSTALL)
    result = start(shown, before=words, LDSEAL_GUARD="madv").result
    assert (result.status, result.err) == (127, NOT_POSSIBLE), result


def test_under_an_emulator_that_lies_guards_are_libcs_mappings(shown_aarch64):
    found = start(shown_aarch64, machine="aarch64")
    assert found.maker == [NO_EFFECT] and is_guarded(found.result), found.result


def test_madv_is_an_error_under_an_emulator_that_lies(shown_aarch64):
    result = start(shown_aarch64, machine="aarch64", LDSEAL_GUARD="madv").result
    assert (result.status, result.err) == (127, NOT_POSSIBLE), result


def test_locked_stacks_get_mappings_of_their_own(shown):
    found = start(shown, "locked")
    assert found.maker == ["guards are in the page table"] and found.kinds == [OWN_MAPPING], found.result
    traced = [(guard.start, guard.end) for guard in found.guards]
    assert are_at_the_end_of(ranges(found.result, "told"), traced), found.result
    assert is_guarded(found.result), found.result


@pytest.mark.parametrize("word", [None, "auto", "madv"])
def test_a_supervisor_that_exempts_guards_gets_libcs_mappings(shown, sealctl, word):
    found = start(shown, before=(sealctl, "run", "--exempt=guards", "--"), LDSEAL_GUARD=word)
    assert found.maker == ["guards are left to libc (exempt)"] and is_guarded(found.result), found.result


def test_a_program_without_threads_tells_nothing():
    assert start("/bin/true").result.err == ""


def test_help_knows_the_topic():
    result = run([loader("x86_64"), "/bin/true"], env=environment(LD_DEBUG="help"))
    assert "  threads     guards under the stacks of threads\n" in result.out, result
