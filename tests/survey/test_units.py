"""What `sealctl doctor` reads out of systemd's units: whether their filters allow mseal and their paths ld-seal."""

import json
import os
import shutil

import pytest

from surveyed_root import LOADER, UNITS, add_systemd, add_unit, make_root, write
from process import run
from survey_tools import SEALCTL

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="a root is entered by root")


@pytest.fixture
def root(tmp_path, static):
    tmp_path.chmod(0o755)
    return make_root(tmp_path / "root", static)


def unit_findings(root):
    """word -> the units that it names."""
    result = run([SEALCTL, "doctor", "--json", "--root", root], timeout=60)
    document = json.loads(result.out)
    return {finding["what"]: finding["text"].split(": ", 1)[1].split(", ") for finding in document["findings"]
            if finding["area"] == "units"}


OLD, NEW, NEW_WITH_OLD_LIBRARY = (252, False), (257, True), (257, False)
FILTERS = {
    "none": ([], OLD, []),
    "an allow-list of systemd 252": (["SystemCallFilter=@system-service"], OLD, ["some.service (kills)"]),
    "an allow-list of systemd 257": (["SystemCallFilter=@system-service"], NEW, []),
    "systemd 257 with a libseccomp that does not know mseal": (
        ["SystemCallFilter=@system-service"], NEW_WITH_OLD_LIBRARY, ["some.service (kills)"]),
    "an errno": (["SystemCallFilter=@system-service", "SystemCallErrorNumber=EPERM"], OLD, ["some.service"]),
    "kill by name": (["SystemCallFilter=read", "SystemCallErrorNumber=kill"], OLD, ["some.service (kills)"]),
    "mseal by name": (["SystemCallFilter=@system-service mseal"], (257, True), []),
    "mseal by name in the second line": (["SystemCallFilter=read", "SystemCallFilter=mseal"], (256, True), []),
    "mseal by name where libseccomp does not know it": (
        ["SystemCallFilter=@system-service mseal"], OLD, ["some.service (kills)"]),
    "a deny-list": (["SystemCallFilter=~@mount @swap"], OLD, []),
    "a deny-list with mseal": (["SystemCallFilter=~mseal:EPERM"], NEW, ["some.service (kills)"]),
    "an allow-list less mseal": (["SystemCallFilter=@system-service", "SystemCallFilter=~mseal"], NEW,
                                 ["some.service (kills)"]),
    "a deny-list less mseal": (["SystemCallFilter=~mseal", "SystemCallFilter=mseal"], NEW, []),
    "an allow-list that is taken back": (["SystemCallFilter=@system-service", "SystemCallFilter="], OLD, []),
    "one that is taken back and set anew": (
        ["SystemCallFilter=~read", "SystemCallFilter=", "SystemCallFilter=read"], OLD, ["some.service (kills)"]),
    "a comment": (["#SystemCallFilter=@system-service", ";SystemCallFilter=read"], OLD, []),
    "a line that goes on": (["SystemCallFilter=read \\", "# a comment", "  mseal"], (256, True), []),
}


@pytest.mark.parametrize("lines, systemd, refused", FILTERS.values(), ids=FILTERS)
def test_a_filter_is_read_as_systemd_reads_it(root, lines, systemd, refused):
    add_systemd(root, systemd[0], knows_mseal=systemd[1])
    add_unit(root, "some.service", *lines)
    assert unit_findings(root).get("unit-filter", []) == refused


SHORT_LISTS = {
    "none": ([], []),
    "of haveged": (["SystemCallFilter=@basic-io @file-system", "SystemCallFilter=brk ioctl"], ["some.service"]),
    "with a number": (["SystemCallFilter=@basic-io", "SystemCallErrorNumber=EPERM"], []),
    "with @process": (["SystemCallFilter=@basic-io @process"], []),
    "of services": (["SystemCallFilter=@system-service"], []),
    "of services, less the calls": (["SystemCallFilter=@system-service", "SystemCallFilter=~@process"], ["some.service"]),
    "both by name": (["SystemCallFilter=read prctl clone"], []),
    "one by name": (["SystemCallFilter=read prctl"], ["some.service"]),
    "forbidden by name": (["SystemCallFilter=~clone"], ["some.service"]),
    "others forbidden": (["SystemCallFilter=~@mount"], []),
    "off already": (["SystemCallFilter=@basic-io", "Environment=LDSEAL=off LDSEAL_GUARD=prot"], []),
}


@pytest.mark.parametrize("lines, named", SHORT_LISTS.values(), ids=SHORT_LISTS)
def test_a_filter_that_kills_for_the_questions_themselves_is_named(root, lines, named):
    add_systemd(root, 252, knows_mseal=False)
    add_unit(root, "some.service", *lines)
    assert unit_findings(root).get("unit-filter-short", []) == named


PATHS = {
    "nothing forbidden": (["ExecPaths=/usr/bin"], False),
    "all but the program": (["NoExecPaths=/", "ExecPaths=/usr/bin/true"], True),
    "all but the libraries": (["NoExecPaths=/", "ExecPaths=/usr/bin/redis-server /usr/lib /lib"], False),
    "libraries by another name": (["NoExecPaths=/", "ExecPaths=/lib"], False),
    "a name that only begins so": (["NoExecPaths=/", "ExecPaths=/usr/li"], True),
    "forbidden below what is allowed": (["ExecPaths=/usr", "NoExecPaths=/usr/lib"], True),
    "optional paths": (["NoExecPaths=-/", "ExecPaths=-/usr/lib"], False),
    "taken back": (["NoExecPaths=/", "NoExecPaths="], False),
    "elsewhere": (["NoExecPaths=/home /tmp"], False),
    "inaccessible": (["InaccessiblePaths=/usr/lib/x86_64-linux-gnu"], True),
    "inaccessible elsewhere": (["InaccessiblePaths=/home"], False),
}


@pytest.mark.parametrize("lines, is_hurt", PATHS.values(), ids=PATHS)
def test_paths_that_may_be_executed_are_read_as_systemd_reads_them(root, lines, is_hurt):
    add_unit(root, "some.service", *lines)
    assert ("unit-exec-paths" in unit_findings(root)) is is_hurt


def test_a_drop_in_counts_and_a_later_one_wins(root):
    add_systemd(root, 252, knows_mseal=False)
    add_unit(root, "some.service", "SystemCallFilter=@system-service")
    write(root / "etc/systemd/system/some.service.d/10.conf", "[Service]\nSystemCallErrorNumber=EPERM\n")
    assert unit_findings(root)["unit-filter"] == ["some.service"]
    write(root / "run/systemd/system/some.service.d/20.conf", "[Service]\nSystemCallFilter=\n")
    assert "unit-filter" not in unit_findings(root)
    write(root / "etc/systemd/system/some.service.d/20.conf", "[Service]\n")  # hides that in /run
    assert unit_findings(root)["unit-filter"] == ["some.service"]


@pytest.mark.parametrize("drop_ins", ["service.d", "some-.service.d", "some-kind-.service.d", "some-kind-of@.service.d"])
def test_drop_ins_for_many_units_count(root, drop_ins):
    add_systemd(root, 252, knows_mseal=False)
    add_unit(root, "some-kind-of@.service")
    write(root / UNITS / drop_ins / "a.conf", "[Service]\nSystemCallFilter=read\n")
    assert unit_findings(root)["unit-filter"] == ["some-kind-of@.service (kills)"]


def test_a_unit_in_etc_hides_that_of_the_package(root):
    add_systemd(root, 252, knows_mseal=False)
    add_unit(root, "some.service", "SystemCallFilter=read")
    write(root / "etc/systemd/system/some.service", "[Service]\nExecStart=/bin/true\n")
    assert unit_findings(root) == {}


@pytest.mark.parametrize("target", ["/dev/null", "/usr/lib/systemd/system/some.service"])
def test_masked_units_and_other_names_of_a_unit_are_not_counted(root, target):
    add_systemd(root, 252, knows_mseal=False)
    add_unit(root, "some.service", "SystemCallFilter=read")
    name = "some.service" if target == "/dev/null" else "dbus-org.some.service"
    (root / "etc/systemd/system").mkdir(parents=True)
    (root / "etc/systemd/system" / name).symlink_to(target)
    expected = [] if target == "/dev/null" else ["some.service (kills)"]
    assert unit_findings(root).get("unit-filter", []) == expected


def test_units_are_counted_by_what_they_set(root):
    add_systemd(root, 252, knows_mseal=False)
    add_unit(root, "a.service", "SystemCallFilter=@system-service", "MemoryDenyWriteExecute=yes")
    add_unit(root, "b.service", "NoExecPaths=/", "ExecPaths=/usr/lib")
    write(root / UNITS / "c.socket", "[Socket]\nListenStream=1\nSystemCallFilter=@system-service\n")
    write(root / UNITS / "d.target", "[Unit]\n")
    result = run([SEALCTL, "doctor", "--root", root], timeout=60)
    assert ("3: 2 with an allow-list of system calls, mseal refused in 2 (systemd 252); ExecPaths 1: loader outside in "
            "0; MemoryDenyWriteExecute 1") in result.out, result


def test_a_root_directory_with_ld_seal_is_no_finding(root):
    add_unit(root, "some.service", "RootDirectory=/srv/jail")
    (root / "srv/jail/lib64").mkdir(parents=True)
    shutil.copy(root / LOADER, root / "srv/jail/lib64/ld-seal-x86_64.so.1")
    assert unit_findings(root) == {}


def test_systemds_version_is_read_from_dpkg_where_its_library_is_not(root):
    write(root / "var/lib/dpkg/status", "Package: systemd-sysv\nStatus: install ok installed\nVersion: 1-1\n\n"
          "Package: systemd\nStatus: install ok installed\nVersion: 252.38-1~deb12u1\n\n")
    add_unit(root, "some.service", "SystemCallFilter=@system-service")
    result = run([SEALCTL, "doctor", "--root", root], timeout=60)
    assert "mseal refused in 1 (systemd 252)" in result.out, result
