"""A Debian booted with systemd under ld-seal: installed from the packages, adopted by the command that README names, and
compared with the same system before."""

import pytest

from booted import boot

# systemd before 256 does not know mseal: no group of system calls has it, and a filter that names it alone has no effect.
FILTERED = {"SystemCallFilter=@system-service", "SystemCallErrorNumber=EPERM", "everything", "SystemCallFilter=~mseal:EPERM",
            "SystemCallFilter=~mseal:ENOSYS"}

@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def boots(request, made_systems):
    """The same system, observed three times: before, adopted, and released."""
    system = made_systems(request.param)
    before = boot(system.path)
    system.install()
    system.succeed("sealctl", "adopt", "--system")
    verified = system.succeed("sh", "-c", "dpkg --verify | grep -v ' /usr/share/doc'; true")  # the root has no documents
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
    """All that can be executed, but where `sealctl ps` says why not: a filter, LDSEAL=off for a filter that kills even
    questions, and what a program opened later."""
    _, adopted, released, _ = boots
    assert {process.sealed for process in released.processes} == {0}
    why = {entry["pid"]: {reason["why"] for reason in entry["reasons"]} for entry in adopted.survey["processes"]}
    left = [process for process in adopted.processes if process.sealed < process.code]
    assert [process for process in left if not why[process.pid] <= {"filter", "policy", "opened-later"}] == []
    assert [process for process in left if process.sealed == 0 and not why[process.pid] & {"filter", "policy"}] == []
    assert len(adopted.processes) > 15


def test_every_sandbox_is_sealed_but_where_mseal_is_filtered(boots):
    """What is done in them is compared above, as all work is."""
    before, adopted, released, _ = boots
    assert len(before.sandboxes) > 70
    assert adopted.sandboxes.keys() == before.sandboxes.keys()
    assert {sealed for _, sealed in (*before.sandboxes.values(), *released.sandboxes.values())} == {0}
    unsealed = {name for name, (code, sealed) in adopted.sandboxes.items() if sealed < code}
    assert unsealed and unsealed <= FILTERED


def test_no_file_of_a_package_has_changed(boots):
    *_, verified = boots
    assert verified == ""
