"""CRIU and guards under the stacks of threads: newer ones dump and restore them, older ones want them exempt."""

import os

import pytest
import roots

from criu_harness import WITHOUT_BREAKPOINTS, build_victim, start_criu, take_trip
from hatch_harness import build
from loaders import loader

LIBCS = ("glibc", "musl")
NEWER, OLDER = "sid", "trixie"


@pytest.fixture(scope="session")
def criu_of():
    """criu_of(suite): the words that start that suite's CRIU."""
    if os.geteuid() != 0:
        pytest.skip("CRIU needs root to set what a restored process had")

    def find(suite):
        try:
            return start_criu(roots.program_root("criu", suite)).before(*WITHOUT_BREAKPOINTS)
        except roots.RootUnavailable as reason:
            pytest.skip(str(reason))
    return find


@pytest.fixture(scope="session")
def trip_program(tmp_path_factory):
    return build("criu_trip.c", tmp_path_factory.mktemp("trip") / "trip")


@pytest.fixture(scope="session", params=LIBCS)
def victim(request, tmp_path_factory):
    """It has one thread beside its first."""
    return build_victim(request.param, tmp_path_factory.mktemp("victims"))


def trip_of(trip_program, folder, victim, criu, *before):
    folder.mkdir()
    return take_trip(trip_program, folder, [*before, loader("x86_64"), victim], criu)


def test_a_thread_has_its_guard_before_and_after(trip_program, victim, criu_of, tmp_path):
    trips = {word: trip_of(trip_program, tmp_path / word, victim, criu_of(NEWER), "/usr/bin/env", f"LDSEAL_GUARD={word}")
             for word in ("auto", "prot")}
    for trip in trips.values():
        assert trip.is_whole and trip.guarded["before"] == trip.guarded["restored"], str(trip)
    count = {word: len(trip.guarded["before"]) for word, trip in trips.items()}
    assert count["auto"] == count["prot"] + 1, str(trips["auto"])


def test_an_older_criu_cannot_restore_guards(trip_program, victim, criu_of, tmp_path):
    trip = trip_of(trip_program, tmp_path / "trip", victim, criu_of(OLDER))
    assert not trip.is_whole and trip.result.status == 1, str(trip)


def test_an_older_criu_restores_a_program_whose_guards_are_exempt(trip_program, victim, criu_of, sealctl, tmp_path):
    trip = trip_of(trip_program, tmp_path / "trip", victim, criu_of(OLDER), sealctl, "run", "--exempt=guards")
    assert trip.is_whole and trip.guarded["before"] == [], str(trip)
