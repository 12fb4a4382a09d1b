"""A Debian 13 for aarch64 as a folder, whose programs an emulator runs. The emulator has no mseal: nothing is sealed, and all
else is as on a machine."""

import jobs

LINK = "lib/ld-linux-aarch64.so.1"


def test_it_is_adopted_only_by_force_and_works_as_before(made_systems):
    debian = made_systems("trixie", "arm64")
    wanted = jobs.done_in(debian)
    debian.install()

    refused = debian.run("sealctl", "adopt", "--system")
    assert refused.status == 1 and "the kernel has no mseal" in refused.err, refused
    assert (debian.path / LINK).resolve().name == "ld-linux-aarch64.so.1"

    debian.succeed("sealctl", "adopt", "--system", "--force")
    assert (debian.path / LINK).resolve().name == "ld-seal-aarch64.so.1"
    trace = debian.run("/bin/true", env={"LDSEAL_DEBUG": "seal"})
    assert trace.status == 0 and "not sealed: mseal" in trace.err, trace
    assert jobs.differences(jobs.done_in(debian), wanted) == {}

    debian.succeed("sealctl", "release", "--system")
    assert jobs.differences(jobs.done_in(debian), wanted) == {}
