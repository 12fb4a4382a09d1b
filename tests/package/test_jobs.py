"""A Debian that is adopted by the package does its work as before, and again when it is released."""

import pytest

import jobs

MORE_PROGRAMS = ("python3", "gcc", "g++", "git", "openssl", "gpg", "sqlite3", "ruby", "lua5.4", "xz-utils", "zstd", "rsync",
                 "gdb", "strace", "busybox", "man-db", "vim-nox")
PLACE = "lib64/ld-linux-x86-64.so.2"


@pytest.fixture(params=[pytest.param((), id="small"), pytest.param(MORE_PROGRAMS, id="large", marks=pytest.mark.debian)])
def debian(request, system, suite, packages):
    made = system(suite, *request.param)
    made.copy_in(packages["ldseal", "amd64"].path, "/ldseal.deb")
    made.succeed("dpkg", "--install", "/ldseal.deb")
    (made.path / "ldseal.deb").unlink()
    return made


def test_jobs_do_the_same_adopted_and_released(debian):
    wanted = jobs.done_in(debian)

    debian.succeed("sealctl", "adopt", "--system", timeout=300)
    assert (debian.path / PLACE).resolve().name == "ld-seal-x86_64.so.1"
    trace = debian.run("/bin/true", env={"LDSEAL_DEBUG": "seal", "LDSEAL": "require"})
    assert trace.status == 0 and "ranges sealed" in trace.err, trace
    assert jobs.differences(jobs.done_in(debian), wanted) == {}

    debian.succeed("sealctl", "release", "--system")
    assert (debian.path / PLACE).resolve().name.startswith("ld-linux")
    assert jobs.differences(jobs.done_in(debian), wanted) == {}
