"""The recipes of all test programs, by subject."""

from . import (branch_targets, copies, cplusplus, hello, ifunc, inspection, layout, order, processes, relocations,
               services, start_state, symbols, tls, versions)

_SUBJECTS = (hello, relocations, symbols, versions, copies, ifunc, tls, order, layout, start_state, services, processes,
             inspection, cplusplus, branch_targets)

RECIPES = [recipe for subject in _SUBJECTS for recipe in subject.RECIPES]

_names = [recipe.folder for recipe in RECIPES]
assert len(set(_names)) == len(_names), sorted(name for name in _names if _names.count(name) > 1)
