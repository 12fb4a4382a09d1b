"""ld-seal as a file in the place of libc's own loader, which has ".distrib" at the end of its name then."""

import os
import shutil
import subprocess

import pytest

from loaders import SYSTEM_LOADERS, emulator, loader
from process import environment, run

COMPILERS = {"x86_64": "gcc", "aarch64": "aarch64-linux-gnu-gcc"}
LIBRARIES = {"x86_64": "/lib/x86_64-linux-gnu", "aarch64": "/usr/aarch64-linux-gnu/lib"}
SOURCE = """
#include <dlfcn.h>
#include <stdio.h>
int main(void) { return printf("%s\\n", dlopen("libm.so.6", RTLD_NOW) ? "opened" : dlerror()) < 0; }
"""


@pytest.fixture(params=COMPILERS)
def installed(request, tmp_path):
    """(command of a program that names the place, the folder): libc, ld-seal in the place of its loader, libc's own."""
    machine = request.param
    place = SYSTEM_LOADERS[machine].name
    for name in ("libc.so.6", "libm.so.6"):
        shutil.copy(os.path.realpath(f"{LIBRARIES[machine]}/{name}"), tmp_path / name)
    shutil.copy(os.path.realpath(SYSTEM_LOADERS[machine]), tmp_path / f"{place}.distrib")
    shutil.copy(loader(machine), tmp_path / place)
    (tmp_path / "program.c").write_text(SOURCE)
    subprocess.run([COMPILERS[machine], "-o", tmp_path / "program", tmp_path / "program.c",
                    f"-Wl,--dynamic-linker={tmp_path / place}"], check=True)
    return [*emulator(machine), tmp_path / "program"], tmp_path


def started(installed, **variables):
    command, folder = installed
    return run(command, env=environment(LD_LIBRARY_PATH=folder, **variables))


def test_a_program_starts(installed):
    found = started(installed)
    assert (found.status, found.out, found.err) == (0, "opened\n", "")


def test_the_loader_of_libc_is_the_displaced_one(installed):
    _, folder = installed
    trace = started(installed, LD_DEBUG="files").err
    assert ".so.2.distrib" in trace or ".so.1.distrib" in trace, trace
    assert str(folder) in trace


def test_the_displaced_one_need_not_lie_where_libraries_are_searched_for(installed, tmp_path_factory):
    command, folder = installed
    libraries = tmp_path_factory.mktemp("libraries")
    for library in folder.glob("lib*.so.6"):
        shutil.move(library, libraries / library.name)
    found = run(command, env=environment(LD_LIBRARY_PATH=libraries))
    assert (found.status, found.out, found.err) == (0, "opened\n", "")


def test_what_only_libcs_loader_does_is_left_to_the_displaced_one(installed):
    command, folder = installed
    (place,) = folder.glob("ld-linux-*.distrib")
    machine_prefix = command[:-1]
    ours = run([*machine_prefix, str(place).removesuffix(".distrib"), "--list-tunables"],
               env=environment(LD_LIBRARY_PATH=folder))
    theirs = run([*machine_prefix, place, "--list-tunables"], env=environment(LD_LIBRARY_PATH=folder))
    assert ours.status == theirs.status == 0, ours
    assert [line.split(":")[0] for line in ours.out.splitlines()] == [
        line.split(":")[0] for line in theirs.out.splitlines()]


def test_without_it_the_line_names_what_is_missing(installed):
    _, folder = installed
    (place,) = folder.glob("ld-linux-*.distrib")
    place.unlink()
    found = started(installed)
    assert (found.status, found.out) == (127, "")
    assert found.err.startswith("ld-seal: ") and place.name in found.err, found
    assert len(found.err.splitlines()) == 1
