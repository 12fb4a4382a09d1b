"""A Debian booted with systemd under ld-seal: installed from the packages, adopted by the command that README names, and
compared with the same system before."""

import pytest

from booted import boot

# What does not run sealed, and why: named by `sealctl ps`, too.
UNSEALED = {}


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def boots(request, made_systems):
    """The same system, observed three times: before, adopted, and released."""
    system = made_systems(request.param)
    before = boot(system.path)
    system.install()
    system.succeed("sealctl", "adopt", "--system")
    verified = system.run("dpkg", "--verify")
    adopted = boot(system.path)
    system.succeed("sealctl", "release", "--system")
    released = boot(system.path)
    return before, adopted, released, verified


def test_the_state_is_what_it_was(boots):
    before, adopted, released, _ = boots
    assert (adopted.state, adopted.failed) == (before.state, before.failed)
    assert (released.state, released.failed) == (before.state, before.failed)


def test_the_same_services_run(boots):
    before, adopted, released, _ = boots
    assert adopted.running == before.running == released.running


def test_the_work_has_the_same_results(boots):
    before, adopted, released, _ = boots
    assert len(before.work) > 15
    assert {job: what for job, what in adopted.work.items() if before.work.get(job) != what} == {}
    assert {job: what for job, what in released.work.items() if before.work.get(job) != what} == {}


def test_every_process_is_sealed(boots):
    """All that can be executed, but of those that a filter keeps from it; `sealctl ps` names them."""
    _, adopted, released, _ = boots
    assert {process.sealed for process in released.processes} == {0}
    filtered = {entry["pid"] for entry in adopted.survey["processes"] if "filter" in (entry.get("why") or "")}
    left = [process for process in adopted.processes if process.sealed < process.code and process.pid not in filtered]
    assert left == []
    assert len(adopted.processes) > 15


def test_no_file_of_a_package_has_changed(boots):
    *_, verified = boots
    assert (verified.status, verified.out) == (0, "")
