"""gdb follows objects that come and go: pending breakpoints are hit, lists and events are right."""

import shutil
import sys
from pathlib import Path

import own_dlopen
import pytest
from openings.common import opening
from sources import sources_of
from workshop import builder
from workshop.recipe import Library
from workshop.toolchain import Toolchain

sys.path.append(str(Path(__file__).resolve().parents[1] / "real"))
from test_debuggers import frames, gdb, libraries  # noqa: E402  (needs the path above)

_CASES = sources_of(__file__)

PLUGGED = opening("a program that gdb follows", _CASES / "plugged.c", Library("plug", """
int plug_counter = 40;
__attribute__((noinline)) int plug_inner(int value) { plug_counter += value; return plug_counter; }
__attribute__((noinline)) int plug_outer(int value) { return plug_inner(value) + 1; }
__attribute__((constructor)) static void plug_begins(void) { plug_counter += 1; }
""", compile=("-g", "-fno-omit-frame-pointer")), compile=("-g", "-fno-omit-frame-pointer"), machines=("x86_64",))


@pytest.fixture(params=["libcs_own", "ld_seal"])
def loader(request):
    return request.param


def program(libc, loader):
    if shutil.which("gdb") is None:
        pytest.skip("gdb is missing")
    built = builder.build(PLUGGED, Toolchain(libc, "x86_64", "gcc", "gnu"))
    if loader == "libcs_own":
        return built.normal
    own_dlopen.require("x86_64")
    return built.sealed


@pytest.fixture(params=["glibc", "musl"])
def plugged(request, loader):
    return program(request.param, loader)


@pytest.fixture
def glibc_plugged(loader):
    """musl never removes an object."""
    return program("glibc", loader)


def plug_of(path):
    return str(path.parents[1] / "lib" / "libplug.so")


def test_a_pending_breakpoint_in_a_plug_in_is_hit_and_the_backtrace_reaches_main(plugged):
    text = gdb("break plug_inner", "run", "backtrace", program=[plugged])
    assert "pending" in text, text
    assert "Breakpoint 1, plug_inner (value=5)" in text, text
    assert frames(text)[:3] == ["plug_inner", "plug_outer", "main"], text


def test_a_breakpoint_in_a_plug_in_is_hit_again_when_it_is_opened_again(plugged):
    text = gdb("break plug_inner", "run", "continue", "continue", program=[plugged])
    assert "plug_inner (value=5)" in text and "plug_inner (value=6)" in text, text
    assert "exited normally" in text, text


def test_a_pending_breakpoint_in_a_constructor_is_hit(plugged):
    text = gdb("break plug_begins", "run", "print plug_counter", program=[plugged])
    assert "Breakpoint 1, plug_begins ()" in text and "$1 = 40" in text, text


def test_a_plug_in_is_listed_with_its_symbols_while_it_is_open(plugged):
    text = gdb("break plug_inner", "run", "info sharedlibrary", "finish", "print plug_counter", program=[plugged])
    assert libraries(text).get(plug_of(plugged)) == "Yes", text
    assert "Value returned is $1 = 46" in text and "$2 = 46" in text, text


def test_a_plug_in_is_no_longer_listed_when_it_is_closed(glibc_plugged):
    text = gdb("break between", "run", "info sharedlibrary", program=[glibc_plugged])
    assert "Breakpoint 1, between" in text, text
    assert libraries(text) and plug_of(glibc_plugged) not in libraries(text), text


def test_gdb_catches_the_loading_of_a_plug_in(plugged):
    text = gdb("catch load libplug", "run", "print plug_outer", program=[plugged])
    assert f"Inferior loaded {plug_of(plugged)}" in text, text
    assert "<plug_outer>" in text, text


def test_gdb_catches_the_unloading_of_a_plug_in(glibc_plugged):
    text = gdb("catch unload libplug", "run", "backtrace", program=[glibc_plugged])
    assert f"Inferior unloaded {plug_of(glibc_plugged)}" in text, text
    assert frames(text)[-1] == "main", text
