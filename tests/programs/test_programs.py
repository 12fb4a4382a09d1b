"""Every program of `shapes` under our loader must do exactly what it does under its libc's own loader."""

import pytest
import shapes
from workshop import cases, places


@pytest.mark.parametrize("case", cases.parameters(cases.cases(shapes.RECIPES)))
def test_program_does_the_same_as_under_its_own_loader(case):
    if case.recipe.known is not None and places.testing_recipes(case.toolchain.machine):
        pytest.skip("no other loader can run this program")
    try:
        built = case.build()
        wanted = case.run_oracle(built) if case.recipe.known is None else None
    except places.RootUnavailable as reason:
        pytest.skip(str(reason))
    check_the_recipe(case.recipe, wanted)
    found = case.run_candidate(built)
    if wanted is None:
        assert (found.status, found.stdout, found.stderr) == (case.recipe.status, case.recipe.known, "")
    else:
        assert str(found).replace(str(built.sealed.parent), str(built.normal.parent)) == str(wanted)


def check_the_recipe(recipe, wanted):
    """A recipe that does not show under the oracle what it says it shows would compare nothing with nothing."""
    if wanted is None:
        return
    assert wanted.status == recipe.status, f"the recipe itself is wrong: {wanted}"
    assert ": NO\n" not in wanted.stdout, f"the recipe itself is wrong: {wanted}"
    assert wanted.stdout, "the program says nothing"
    assert wanted.stderr == "" or wanted.status != 0, f"the recipe itself is wrong: {wanted}"
    lines = wanted.stdout.splitlines()
    for line in recipe.shows:
        assert line in lines, f"the recipe itself is wrong: {wanted}"
