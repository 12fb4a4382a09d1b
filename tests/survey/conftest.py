"""Programs of each kind that `sealctl ps` tells apart; each is built once in a session and waits when it runs."""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path.append(str(TESTS / "survey"))

from loaders import loader, with_interpreter  # noqa: E402  (needs the path above)
from survey_tools import LDSEAL_CC, MSEAL, REFUSE, SEALCTL, SOURCES, compile_program  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def sealctl():
    """The built tool. Missing means that the build is wrong, so it fails and never skips."""
    assert SEALCTL.exists(), f"{SEALCTL} is not built: run tools/build"
    return SEALCTL


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("survey")


@pytest.fixture(scope="session")
def plain(folder):
    """Dynamic, glibc, names libc's loader."""
    return compile_program(folder / "waits", SOURCES / "waits.c", "-pthread")


@pytest.fixture(scope="session")
def sealed(plain, folder):
    """The same, and names ld-seal."""
    (folder / "sealed").mkdir(exist_ok=True)
    return with_interpreter(plain, loader("x86_64"), folder / "sealed")


@pytest.fixture(scope="session")
def musl(folder):
    return compile_program(folder / "waits-musl", SOURCES / "waits.c", compiler="musl-gcc")


@pytest.fixture(scope="session")
def sealed_musl(musl, folder):
    (folder / "sealed").mkdir(exist_ok=True)
    return with_interpreter(musl, loader("x86_64"), folder / "sealed")


@pytest.fixture(scope="session")
def static(folder):
    return compile_program(folder / "waits-static", SOURCES / "waits.c", "-static", "-w")


@pytest.fixture(scope="session")
def static_sealed(folder):
    return compile_program(folder / "waits-itself", SOURCES / "waits.c", "-w", compiler=LDSEAL_CC)


@pytest.fixture(scope="session")
def refuse(folder):
    """The words before a command that make mseal fail with this error for it."""
    program = compile_program(folder / "refuse", REFUSE)
    return lambda error: (program, str(MSEAL), str(int(error)), "--")
