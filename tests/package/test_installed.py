"""The packages in Debian 12 and 13: installed, used, adopted, removed."""

import pytest

LOADER = "/lib64/ld-seal-x86_64.so.1"


@pytest.fixture
def debian(system, suite, packages):
    """A Debian in which ldseal is installed. `before` has its files from before."""
    made = system(suite)
    made.before = made.files()
    made.copy_in(packages["ldseal", "amd64"].path, "/ldseal.deb")
    made.succeed("dpkg", "--install", "/ldseal.deb")
    (made.path / "ldseal.deb").unlink()
    return made


def left_over(debian):
    now = debian.files()
    return sorted(path for path in now.keys() | debian.before.keys() if now.get(path) != debian.before.get(path))


def test_a_program_runs_under_the_installed_loader(debian):
    assert debian.succeed(LOADER, "/bin/echo", "hello") == "hello\n"
    trace = debian.run(LOADER, "/bin/true", env={"LDSEAL_DEBUG": "seal"})
    assert trace.status == 0 and " text sealed " in trace.err, trace


def test_the_link_and_the_file_are_where_programs_and_services_look(debian):
    target = debian.succeed("readlink", "-f", LOADER).strip()
    assert target == "/usr/lib/x86_64-linux-gnu/ld-seal-x86_64.so.1"
    # The system is made without documents.
    wrong = [line for line in debian.succeed("dpkg", "--verify", "ldseal").splitlines() if "/usr/share/doc" not in line]
    assert wrong == []


def test_installing_adopts_nothing(debian):
    changed = [path for path in left_over(debian) if path in debian.before]
    folders = {path for path, (mode, *_) in debian.before.items() if mode & 0o170000 == 0o040000}
    assert [path for path in changed if path not in folders] == []


def test_sealctl_works_without_any_loader(debian):
    (debian.path / "lib64/ld-linux-x86-64.so.2").rename(debian.path / "lib64/away")
    assert debian.run("/bin/true").status == 127
    result = debian.run("/usr/bin/sealctl", "--version")
    assert (result.status, result.err) == (0, ""), result


def test_removing_leaves_nothing(debian):
    debian.succeed("dpkg", "--purge", "ldseal")
    assert left_over(debian) == []


def test_an_upgrade_keeps_what_is_there(debian, packages):
    debian.copy_in(packages["ldseal", "amd64"].path, "/again.deb")
    debian.succeed("dpkg", "--install", "/again.deb")
    assert debian.succeed(LOADER, "/bin/echo", "hello") == "hello\n"


def test_the_trigger_does_nothing_where_nothing_is_adopted(debian):
    debian.succeed("dpkg-trigger", "--by-package=ldseal", "/usr/bin")
    debian.succeed("dpkg", "--triggers-only", "--pending")
    assert not (debian.path / "var/lib/ldseal").exists()
