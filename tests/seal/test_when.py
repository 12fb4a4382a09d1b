"""When the seal is on: before the first constructor of the program and its libraries, on glibc and on musl."""

import shutil

import pytest

from address_ranges import of, shown
from seal_programs import Program
from seal_tools import SOURCES, compile_program, inspect, parse_smaps


@pytest.fixture(params=["gcc", "musl-gcc"])
def watched(request, tmp_path):
    """A program that prints smaps before its first constructor, and in that of its library."""
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is missing: install musl-tools")
    source = [SOURCES / "watched.c"]
    compile_program(tmp_path / "libwork.so", source, "-DIN_LIBRARY", "-shared", "-fPIC", "-Wl,-soname,libwork.so",
                    compiler=request.param)
    compile_program(tmp_path / "watched", source, f"-L{tmp_path}", "-lwork", f"-Wl,-rpath,{tmp_path}",
                    compiler=request.param)
    return Program(tmp_path / "watched", ())


def test_everything_is_sealed_before_the_first_constructor(attack, watched, native_launcher, tmp_path):
    (tmp_path / "copy").mkdir()
    found = inspect(attack, watched.command(native_launcher, tmp_path / "copy"), tmp_path)
    assert found.result.status == 0, found.result
    at_exit = shown(of(area for area in found.areas if area.is_sealed))
    assert at_exit
    # musl runs no .preinit_array, so there the library's constructor is the first to tell.
    moments = found.result.out.split("---\n")[:-1]
    assert moments
    for told in moments:
        assert shown(of(area for area in parse_smaps(told) if area.is_sealed)) == at_exit
