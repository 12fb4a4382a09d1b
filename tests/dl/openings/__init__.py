"""The recipes of all programs that open objects, by subject."""

from . import (as_libc, asking, concurrency, constructors, failing, flags, interruptions, libc_opens, namespaces,
               registers, rounds, sanitized, scopes, thread_storage, unloading, unwinding)

_SUBJECTS = (flags, scopes, as_libc, asking, constructors, unloading, failing, rounds, thread_storage, registers,
             unwinding, libc_opens, namespaces, concurrency, interruptions, sanitized)

RECIPES = [recipe for subject in _SUBJECTS for recipe in subject.RECIPES]

_names = [recipe.folder for recipe in RECIPES]
assert len(set(_names)) == len(_names), sorted(name for name in _names if _names.count(name) > 1)
