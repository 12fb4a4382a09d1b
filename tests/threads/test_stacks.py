"""Threads and their stacks must be under our loader exactly what they are under their libc's own."""

import guard_tools
import pytest
import stack_recipes
from test_programs import check_the_recipe
from workshop import cases, places

BELIEVER = "glibc-sid"  # glibc 2.42 and later believes an emulator that says MADV_GUARD_INSTALL were done


def can_be_compared(case):
    """That libc's threads have no guards there under its own loader."""
    return (case.launcher, case.toolchain.machine) != (BELIEVER, "aarch64")


@pytest.mark.parametrize("case", cases.parameters(filter(can_be_compared, cases.cases(stack_recipes.RECIPES))))
def test_threads_do_the_same_as_under_libcs_own_loader(case):
    try:
        built = case.build()
        wanted = case.run_oracle(built)
    except places.RootUnavailable as reason:
        pytest.skip(str(reason))
    check_the_recipe(case.recipe, wanted)
    if places.testing_recipes(case.toolchain.machine):
        return
    found = case.run_candidate(built)
    assert str(found).replace(str(built.sealed.parent), str(built.normal.parent)) == str(wanted)


@pytest.mark.parametrize("word", [None, "prot"])
def test_a_libc_that_believes_the_emulator_has_real_guards_under_ours(word, tmp_path):
    try:
        root = places.root(f"{BELIEVER}-arm64")
    except places.RootUnavailable as reason:
        pytest.skip(str(reason))
    program = guard_tools.build("told.c", tmp_path, machine="aarch64")
    options = ("--library-path", root.library_path)
    found = guard_tools.start(program, machine="aarch64", options=options, LDSEAL_GUARD=word)
    why = "LDSEAL_GUARD=prot" if word else "MADV_GUARD_INSTALL has no effect"
    assert found.maker == [f"guards are separate mappings ({why})"], found.result
    assert found.kinds == ["a separate mapping"] and ": NO" not in found.result.out, found.result
    assert found.result.out.count("the guard is there: yes") == 12, found.result
