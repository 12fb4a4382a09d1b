"""Fixtures that every folder of tests shares. Plain functions live in tests/lib, which is on the import path."""

import os
import signal
from pathlib import Path

import pytest

import loaders

TESTS = Path(__file__).resolve().parent

# Ignored where a shell has started us in the background, and so it would be in every program that we start.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    """Whatever lies in tests/bench measures time, so it runs in a pass of its own."""
    for item in items:
        if TESTS / "bench" in item.path.parents:
            item.add_marker(pytest.mark.bench)


def pytest_runtest_logreport(report):
    """Says at once which test failed: the reasons come at the end, and a run may be cut short before."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\nfailed: {report.nodeid}", flush=True)


@pytest.fixture(params=loaders.MACHINES)
def machine(request):
    """A machine that the loader is built for; a test that asks for it runs once for each."""
    return request.param


@pytest.fixture
def loader(machine):
    """The built loader for `machine`. Missing means that the build is wrong, so it fails and never skips."""
    path = loaders.loader(machine)
    assert path.exists(), f"{path} is not built: run tools/build"
    return path


@pytest.fixture(params=loaders.launchers("x86_64"), ids=lambda launcher: launcher.name)
def native_launcher(request):
    """Each way to start an x86_64 program under the loader."""
    return request.param


@pytest.fixture(params=loaders.launchers("aarch64"), ids=lambda launcher: launcher.name)
def aarch64_launcher(request):
    """Each way to start an aarch64 program under the loader."""
    return request.param
