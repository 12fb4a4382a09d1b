"""Threads and their stacks must be under our loader exactly what they are under their libc's own."""

import pytest
import stack_recipes
from test_programs import check_the_recipe
from workshop import cases, places


@pytest.mark.parametrize("case", cases.cases(stack_recipes.RECIPES), ids=lambda case: case.id)
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
