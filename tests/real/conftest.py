"""Fixtures of the tests of real programs: the slot, the patched copies, and a folder to work in."""

import pytest

from loaders import loader
from real_harness import Bench, LoaderSlot, ProgramCopies


@pytest.fixture(scope="session")
def slot():
    slot = LoaderSlot()
    yield slot
    slot.remove()


@pytest.fixture(scope="session")
def copies(slot):
    copies = ProgramCopies(slot)
    yield copies
    copies.remove()


@pytest.fixture
def bench(slot, copies):
    bench = Bench(slot, copies)
    yield bench
    bench.remove()


@pytest.fixture(scope="session")
def candidate():
    """The loader under test; that it is missing is a failure of the build, so it never skips."""
    path = loader("x86_64")
    assert path.exists(), f"{path} is not built"
    return path
