"""Debian's own programs, unmodified, do the same work under ld-seal as under the system's loader."""

import shutil
import subprocess

import pytest

from real_cases import CASES
from real_harness import LAUNCHES, SYSTEM_LOADER, Case, Outcome

# A program that opens a library which calls back into the program: what an extension module does.
OPENS_A_LIBRARY = """
#include <dlfcn.h>
int called_back(void) { return 42; }
int main(int count, char **words) {
  void *library = dlopen(words[1], RTLD_NOW);
  int (*function)(void) = library ? (int (*)(void))dlsym(library, "function") : 0;
  return !(function && function() == 42);
}
"""
OPENED_LIBRARY = "int called_back(void); int function(void) { return called_back(); }"


def skip_if_missing(case: Case) -> None:
    for program in case.programs + case.needs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing: install {case.package}")


@pytest.fixture(scope="session")
def opens_libraries(candidate, tmp_path_factory) -> bool:
    """Whether dlopen works under the loader for extension modules; found out by trying."""
    folder = tmp_path_factory.mktemp("dlopen")
    compile_c(OPENED_LIBRARY, "-shared", "-fPIC", "-o", folder / "library.so")
    compile_c(OPENS_A_LIBRARY, "-rdynamic", "-o", folder / "program")
    words = [candidate, folder / "program", folder / "library.so"]
    return subprocess.run(words, capture_output=True, timeout=20).returncode == 0


def compile_c(source: str, *options) -> None:
    subprocess.run(["gcc", "-x", "c", "-", *map(str, options)], input=source, text=True, check=True, timeout=60)


def assert_equal(found: Outcome, wanted: Outcome) -> None:
    assert (found.status, found.stderr) == (wanted.status, wanted.stderr)
    assert found.stdout == wanted.stdout
    assert found.files == wanted.files


@pytest.mark.parametrize(("case", "launch"), [
    pytest.param(case, launch, id=f"{case.name}-{launch}") for case in CASES for launch in case.launches])
def test_works_as_under_the_systems_loader(case, launch, bench, candidate, opens_libraries):
    skip_if_missing(case)
    wanted = bench.run(case, SYSTEM_LOADER, launch)
    assert wanted.status == case.status, f"the case itself is wrong: {wanted}"
    for words in case.says:
        assert words in wanted.stdout, f"the case itself is wrong: it does not say {words!r}: {wanted}"

    found = bench.run(case, candidate, launch)

    if found != wanted and case.opens_libraries and not opens_libraries:
        pytest.xfail(f"needs dlopen, which the loader does not have yet: {', '.join(case.opens_libraries)}")
    assert_equal(found, wanted)


@pytest.mark.parametrize("launch", LAUNCHES)
def test_a_program_of_these_tests_runs_under_the_loader_that_was_put_in_place(launch, bench, candidate):
    maps = Case(name="maps", programs=("/usr/bin/cat",), package="coreutils", script="$cat /proc/self/maps")

    outcome = bench.run(maps, candidate, launch)

    assert str(bench.slot.path) in outcome.stdout
    assert bench.slot.path.read_bytes() == candidate.read_bytes()
