"""Neither a variable nor a filter of an ordinary user takes a seal from a program that has more privilege than they.

The program is real: owned by another user or group, with its set-ID bit, started by nobody. It reads a file that only
its owner may read, so that its privilege shows in what it can do and not in numbers alone.
"""

import dataclasses
import os
import shutil
import tempfile
from pathlib import Path

import pytest
import seal_tools

from loaders import loader, with_interpreter
from process import run

NOBODY = 65534
AS_NOBODY = ("/usr/bin/setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "/usr/bin/env", "-i")
WEAKENING = {
    "LDSEAL=off": ["LDSEAL=off"],
    "LDSEAL with every class taken out": ["LDSEAL=-text,-relro,-system,-loader"],
    "LDSEAL with a word that does not exist": ["LDSEAL=nonsense"],
    "traces": ["LDSEAL_DEBUG=seal", "LD_DEBUG=seal"],
    "a trace into a file": ["LDSEAL_DEBUG=seal", "LD_DEBUG=all", "LD_DEBUG_OUTPUT=trace"],
    "what rr sets": ["RUNNING_UNDER_RR=1"],
    "other guards": ["LDSEAL_GUARD=prot"],
    "guards by a word that does not exist": ["LDSEAL_GUARD=nonsense"],
}


@dataclasses.dataclass(frozen=True)
class Privilege:
    """What a set-ID program gains: another user, or another group."""

    user: int
    group: int
    mode: int

    @property
    def effective(self):
        """(user, group) that the program runs as when nobody starts it."""
        return (self.user, NOBODY) if self.mode & 0o4000 else (NOBODY, self.group)


PRIVILEGES = {"root": Privilege(0, 0, 0o4755), "another user": Privilege(1, 1, 0o4755),
              "another group": Privilege(0, 1, 0o2755)}


class Place:
    """A folder that nobody can reach, on a file system that honours set-user-ID, with the program and its secret."""

    def __init__(self, folder, privilege, sealctl, shows_itself, answers_openly):
        self.folder, self.privilege = folder, privilege
        self.open = folder / "open"
        self.open.mkdir()
        self.open.chmod(0o1777)
        self.sealctl = shutil.copy(sealctl, folder / "sealctl")
        self.answers_openly = shutil.copy(answers_openly, folder / "answers_openly")
        self.program = with_interpreter(shows_itself, shutil.copy(loader("x86_64"), folder / "loader"), folder)
        self.secret = folder / "secret"
        self.secret.write_text("only for its owner\n")
        os.chown(self.secret, privilege.user, privilege.group)
        self.secret.chmod(0o400 if privilege.mode & 0o4000 else 0o040)
        os.chown(self.program, privilege.user, privilege.group)
        self.program.chmod(privilege.mode)

    def seen(self, *supervisor, variables=()):
        """What the program shows when nobody starts it, by the words of `supervisor` if there are any."""
        return View(run([*AS_NOBODY, *variables, *supervisor, self.program, self.secret], cwd=self.open))


class View:
    def __init__(self, result):
        assert result.status == 0, result
        self.err = result.err
        lines, _, mappings = result.out.partition("mappings:\n")
        self.values = dict(line.split(": ") for line in lines.splitlines())
        self.areas = seal_tools.parse_smaps(mappings)

    @property
    def effective(self):
        return int(self.values["user"]), int(self.values["group"])

    @property
    def sealed(self):
        """The sealed areas without their addresses, which every start chooses anew."""
        return sorted((area.name, area.permissions, area.end - area.start) for area in self.areas if area.is_sealed)


@pytest.fixture(params=PRIVILEGES.values(), ids=PRIVILEGES)
def place(request, sealctl, shows_itself, answers_openly):
    if os.geteuid() != 0:
        pytest.skip("needs root, to make programs of one user and run them as another")
    folder = Path(tempfile.mkdtemp(prefix="set-user-id-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        if os.statvfs(folder).f_flag & os.ST_NOSUID:
            pytest.skip("needs a file system that honours set-user-ID")
        yield Place(folder, request.param, sealctl, shows_itself, answers_openly)
    finally:
        shutil.rmtree(folder)


def has_privilege(view, privilege):
    shown = (view.effective, view.values["secure"], view.values["secret"])
    assert shown == (privilege.effective, "1", "allowed"), view.values
    return True


def has_none(view):
    assert (view.values["secret"], view.values["secure"]) == ("refused", "0"), view.values
    return True


def test_it_is_sealed_and_has_its_privilege(place):
    view = place.seen()
    assert has_privilege(view, place.privilege)
    assert {area.name for area in view.areas if "x" in area.permissions and not area.is_sealed} <= {"[vsyscall]"}
    assert {"[vdso]", "[vvar]", str(place.program)} <= {area.name for area in view.areas if area.is_sealed}


@pytest.mark.parametrize("variables", WEAKENING.values(), ids=WEAKENING)
def test_no_variable_takes_a_seal_or_gives_a_trace(place, variables):
    view = place.seen(variables=variables)
    assert has_privilege(view, place.privilege)
    assert view.sealed == place.seen().sealed != []
    assert view.err == "" and list(place.open.iterdir()) == []


def test_the_same_variable_takes_the_seals_of_a_program_without_privilege(place):
    place.program.chmod(0o755)
    assert place.seen().sealed != []
    view = place.seen(variables=["LDSEAL=off"])
    assert has_none(view) and view.sealed == []


def test_exempt_it_has_no_privilege(place):
    view = place.seen(place.sealctl, "run", "--exempt=all", "--")
    assert has_none(view) and view.effective == (NOBODY, NOBODY)
    assert view.values["no_new_privs"] == "1"
    assert view.sealed == []


def test_one_class_exempt_it_has_no_privilege_either(place):
    view = place.seen(place.sealctl, "run", "--exempt=system", "--")
    assert has_none(view) and view.effective == (NOBODY, NOBODY)
    assert [name for name, *_ in view.sealed if name.startswith("[v")] == [] != view.sealed


def test_a_filter_without_no_new_privs_is_refused_to_an_ordinary_user(place):
    result = run([*AS_NOBODY, place.answers_openly, "here", place.program])
    assert (result.status, result.out, result.err) == (3, "", "filter: Permission denied\n")


@pytest.mark.parametrize("who", ["namespace", "as-root"])
def test_in_a_user_namespace_of_ones_own_it_is_exempt_without_privilege(place, who):
    """There a filter needs no no_new_privs; but the kernel does not honour set-IDs that the namespace does not know."""
    if Path("/proc/sys/user/max_user_namespaces").read_text() == "0\n":
        pytest.skip("needs user namespaces, which this system turns off")
    view = place.seen(place.answers_openly, who)
    assert view.values["no_new_privs"] == "0"
    assert has_none(view)
    assert view.sealed == []
