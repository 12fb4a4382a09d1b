"""CRIU works under the loader when it is exempt, fails with its known words when not; what ld-seal has sealed can be
dumped, restored and sealed again."""

import os
import re
import shutil

import pytest
import roots

from criu_harness import BY_COMMAND, BY_INTERPRETER, STARTS, build_victim, start_criu, take_trip
from hatch_harness import build
from loaders import loader as loader_under_test
from loaders import with_interpreter

LIBCS = ("glibc", "musl")
EXEMPTIONS = ("sealctl", "LDSEAL=off")
# When it starts, CRIU moves its own vDSO away in a child, or unmaps it where the kernel has 32-bit system calls.
CANNOT_START = r"(Error: Failed to unmap native vdso|.*vdso: Child unexpectedly exited with 2)"
# When it restores, it unmaps everything around its restorer in a few calls, its own text among it.
CANNOT_RESTORE = r"pie: \d+: Error \(criu/pie/restorer\.c:\d+\): Unable to unmap \("
# Linux: mm->exe_file cannot be replaced as long as the old file is mapped.
CANNOT_BECOME = r"sys_prctl\(PR_SET_MM, PR_SET_MM_MAP\) failed with -16"


@pytest.fixture(scope="session")
def criu_root():
    if os.geteuid() != 0:
        pytest.skip("CRIU needs root to set what a restored process had")
    try:
        return roots.program_root("criu", "sid")
    except roots.RootUnavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def ordinary_criu(criu_root):
    return start_criu(criu_root)


@pytest.fixture(scope="session")
def trip_program(tmp_path_factory):
    return build("criu_trip.c", tmp_path_factory.mktemp("trip") / "trip")


@pytest.fixture(scope="session")
def victims(tmp_path_factory):
    folder = tmp_path_factory.mktemp("victims")
    return {libc: build_victim(libc, folder) for libc in LIBCS}


@pytest.fixture(params=STARTS)
def our_criu(request, criu_root, tmp_path):
    """CRIU under the loader, whose file is a copy: a victim that maps the same file could not be restored."""
    return start_criu(criu_root, request.param, copied_loader(tmp_path), tmp_path)


@pytest.fixture(params=EXEMPTIONS)
def exempt_criu(request, our_criu, sealctl):
    if request.param == "sealctl":
        return our_criu.before(sealctl, "run", "--exempt=all", "--")
    return our_criu.before("/usr/bin/env", request.param)


def copied_loader(folder):
    copy = folder / "loader"
    shutil.copy(loader_under_test("x86_64"), copy)
    return copy


def started(victim, start, folder):
    """The command line of a victim that ld-seal starts."""
    loader = loader_under_test("x86_64")
    return [with_interpreter(victim, loader, folder)] if start == BY_INTERPRETER else [loader, victim]


def test_an_unsealed_program_makes_the_trip_without_us(trip_program, ordinary_criu, victims, tmp_path):
    trip = take_trip(trip_program, tmp_path, [victims["glibc"]], ordinary_criu)
    assert trip.is_whole and trip.reseal == "missing", str(trip)
    assert trip.sealed == trip.guarded == {"before": [], "restored": [], "resealed": []}, str(trip)


def test_exempt_criu_finds_that_all_looks_good(exempt_criu):
    result = exempt_criu.check()
    assert (result.status, result.out) == (0, "Looks good.\n"), result


def test_exempt_criu_dumps_and_restores(trip_program, exempt_criu, victims, tmp_path):
    trip = take_trip(trip_program, tmp_path, [victims["glibc"]], exempt_criu)
    assert trip.is_whole, str(trip)


def test_criu_that_is_not_exempt_does_not_start(our_criu):
    result = our_criu.check()
    assert result.status == 1 and re.search(rf"^{CANNOT_START}$", result.err, re.MULTILINE), result


def test_criu_with_its_own_text_sealed_dumps_and_cannot_restore(trip_program, our_criu, sealctl, victims, tmp_path):
    criu = our_criu.before(sealctl, "run", "--exempt=system", "--")
    trip = take_trip(trip_program, tmp_path, [victims["glibc"]], criu)
    assert (trip.dump, trip.restore) == (0, 1) and trip.logged(CANNOT_RESTORE), str(trip)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("libc", LIBCS)
def test_a_sealed_program_runs_on_unsealed_and_can_be_sealed_again(
        libc, start, trip_program, ordinary_criu, victims, tmp_path):
    trip = take_trip(trip_program, tmp_path, started(victims[libc], start, tmp_path), ordinary_criu)
    assert trip.is_whole, str(trip)
    assert {"[vvar]", "[vdso]"} <= {mapping.split()[-1] for mapping in trip.sealed["before"]}, str(trip)
    assert trip.sealed["restored"] == [], str(trip)
    assert trip.guarded["before"] == trip.guarded["restored"] == trip.guarded["resealed"] != [], str(trip)
    assert trip.reseal == "0" and trip.sealed["resealed"] == trip.sealed["before"], str(trip)


def test_what_an_exempt_criu_restores_can_be_sealed_again(trip_program, exempt_criu, victims, tmp_path):
    folder = tmp_path / "victim"
    folder.mkdir()
    trip = take_trip(trip_program, tmp_path, started(victims["glibc"], BY_INTERPRETER, folder), exempt_criu)
    assert trip.is_whole and trip.sealed["before"], str(trip)
    assert trip.reseal == "0" and trip.sealed["resealed"] == trip.sealed["before"], str(trip)


def test_what_criu_restores_inherits_the_filter_of_sealctl_and_nothing_of_LDSEAL(
        trip_program, criu_root, sealctl, victims, tmp_path):
    criu = start_criu(criu_root, BY_COMMAND, copied_loader(tmp_path))
    ways = {"filter": criu.before(sealctl, "run", "--exempt=all", "--"),
            "variable": criu.before("/usr/bin/env", "LDSEAL=off")}
    modes = {}
    for name, way in ways.items():
        folder = tmp_path / name
        folder.mkdir()
        modes[name] = take_trip(trip_program, folder, [victims["glibc"]], way).seccomp
    assert modes == {"filter": 2, "variable": 0}


@pytest.mark.parametrize("whose", ["ours", "theirs"])
def test_criu_started_by_command_cannot_restore_what_maps_the_same_loader(
        whose, trip_program, criu_root, victims, tmp_path):
    loader = loader_under_test("x86_64") if whose == "ours" else criu_root.loader
    criu = start_criu(criu_root, BY_COMMAND, loader).before("/usr/bin/env", "LDSEAL=off")
    victim = [loader, "--library-path", criu_root.library_path, victims["glibc"]]
    trip = take_trip(trip_program, tmp_path, victim, criu)
    assert (trip.dump, trip.restore) == (0, 1) and trip.logged(CANNOT_BECOME), str(trip)
