"""Whether the loader under test has a dlopen of its own; until it has, libc's answers and there is nothing to compare."""

import functools

import pytest

from elf_file import ElfFile
from workshop import places


@functools.lru_cache
def has_own_dlopen(loader):
    return "dlopen" in ElfFile(loader).exports()


def require(machine):
    """Skips the rest of a test as long as the loader of `machine` leaves opening to libc."""
    if not has_own_dlopen(places.loader_under_test(machine)):
        pytest.skip("ld-seal has no dlopen of its own yet")
