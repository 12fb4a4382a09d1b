"""Every program that opens objects must do under our loader exactly what it does under its libc's own."""

import own_dlopen
import openings
import pytest
from test_programs import check_the_recipe
from workshop import cases, places


@pytest.mark.parametrize("case", cases.parameters(cases.cases(openings.RECIPES)))
def test_opening_does_the_same_as_under_libcs_own_loader(case):
    try:
        built = case.build()
        wanted = case.run_oracle(built) if case.recipe.known is None else None
    except places.RootUnavailable as reason:
        pytest.skip(str(reason))
    check_the_recipe(case.recipe, wanted)
    if places.testing_recipes(case.toolchain.machine):
        return
    own_dlopen.require(case.toolchain.machine)
    found = case.run_candidate(built)
    if wanted is None:
        assert (found.status, found.stdout, found.stderr) == (case.recipe.status, case.recipe.known, "")
    else:
        assert str(found).replace(str(built.sealed.parent), str(built.normal.parent)) == str(wanted)
