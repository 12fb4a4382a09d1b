"""A privileged program never finds standard input, output or error closed: what it opened then would get their number,
and what it prints would go there. glibc's loader opens /dev/full and /dev/null before anything else is opened
(csu/check_fds.c), and so does ldseal, whatever libc the program has or none. (musl itself would open /dev/null alone.)
"""

import itertools
import os
import shutil
from pathlib import Path

import pytest
from kinds import KINDS
from starting import CAPABILITY, SET_GROUP_ID, SET_USER_ID, give

STANDARD = (0, 1, 2)
CLOSED = [closed for count in range(4) for closed in itertools.combinations(STANDARD, count)]
PRIVILEGES = [SET_USER_ID, SET_GROUP_ID, CAPABILITY]
NOFILE = 7
ABORTED, REFUSED = -11, 127


def named(closed):
    return "".join(map(str, closed)) or "none"


@pytest.fixture(scope="module")
def pairs(builder):
    """{kind: (ours, theirs)}."""
    return {kind: builder.programs("shows_start.c", kind) for kind in KINDS}


@pytest.fixture(scope="module")
def ours(pairs):
    return {kind: pair[0] for kind, pair in pairs.items()}


@pytest.fixture(scope="module")
def glibc(pairs):
    """The oracle."""
    return pairs[KINDS[0]][1]


def closing(*descriptors):
    return [f"close={each}" for each in descriptors]


def descriptors_of(start):
    """What is told of them; pipes without their numbers, which differ from start to start."""
    texts = start.texts
    texts = texts[:texts.index(next(text for text in texts if text.startswith(b"first open"))) + 1]
    return [text.partition(b":[")[0] for text in texts]


@pytest.mark.parametrize("privilege", PRIVILEGES)
@pytest.mark.parametrize("closed", CLOSED, ids=named)
def test_with_privilege_they_are_open_as_glibc_opens_them(closed, privilege, ours, glibc, starter):
    for program in (*ours.values(), glibc):
        give(program, privilege)
    starts = starter.each([*ours.values(), glibc], "nobody", *closing(*closed))
    wanted = descriptors_of(starts[glibc])
    assert wanted.count(b"descriptor is /dev/full") == (0 in closed) and wanted[-1] == b"first open 3"
    for kind, program in ours.items():
        assert descriptors_of(starts[program]) == wanted, kind.name


@pytest.mark.parametrize("closed", CLOSED, ids=named)
def test_without_privilege_they_stay_closed(closed, pairs, starter):
    programs = [program for pair in pairs.values() for program in pair]
    for program in programs:
        give(program, None)
    starts = starter.each(programs, "nobody", *closing(*closed))
    for kind, (program, oracle) in pairs.items():
        found = descriptors_of(starts[program])
        assert found == descriptors_of(starts[oracle]), kind.name
        assert found[-1] == b"first open %d" % min({*closed, 3})


@pytest.mark.parametrize("closed", CLOSED[1:], ids=named)
@pytest.mark.parametrize("limit", range(4))
def test_where_none_can_be_opened_a_privileged_program_does_not_start(closed, limit, ours, glibc, starter):
    """Or it starts with all three: where the limit leaves room for them, and nothing else is to be opened."""
    for program in (*ours.values(), glibc):
        give(program, SET_USER_ID)
    starts = starter.each([*ours.values(), glibc], "nobody", f"limit={NOFILE}:{limit}", *closing(*closed))
    if limit <= max(closed):
        assert starts[glibc].status in (ABORTED, REFUSED)
    for kind, program in ours.items():
        start = starts[program]
        if start.status == 0:
            assert start.is_whole and limit > max(closed), kind.name
        else:
            assert (start.status in (ABORTED, REFUSED), start.report, start.out) == (True, b"", b""), (kind.name, start)


NEEDED = ("/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
          "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1", "/usr/lib/x86_64-linux-musl/libc.so",
          "/etc/ld-musl-x86_64.path")
NULL, FULL = os.makedev(1, 3), os.makedev(1, 7)
DEVICES = {
    "no folder": lambda folder: None,
    "none": lambda folder: folder.mkdir(),
    "plain files": lambda folder: make(folder, lambda path, device: path.write_text("")),
    "each other's number": lambda folder: make(folder, lambda path, device: node(path, NULL + FULL - device)),
    "symbolic links": lambda folder: make(folder, lambda path, device: linked_node(path, device)),
    "unreadable": lambda folder: make(folder, lambda path, device: node(path, device, 0o000)),
}


def make(folder, maker):
    folder.mkdir()
    maker(folder / "null", NULL)
    maker(folder / "full", FULL)


def node(path, device, mode=0o666):
    os.mknod(path, mode | 0o020000, device)
    path.chmod(mode)


def linked_node(path, device):
    node(path.with_suffix(".real"), device)
    path.symlink_to(path.with_suffix(".real").name)


@pytest.fixture
def other_root(builder, ours, glibc):
    """A root folder with all that these programs need but /dev."""
    root = builder.folder / "root"
    parts = [builder.loader, builder.library, *builder.folder.glob("newest/*"), *ours.values(), glibc]
    for path in map(Path, (*NEEDED, *parts)):
        copy = root / str(path).lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    yield root
    shutil.rmtree(root)


@pytest.mark.parametrize("devices", DEVICES.values(), ids=DEVICES)
def test_nothing_but_the_right_device_will_do(devices, other_root, ours, glibc, starter):
    """A group's privilege, so that permissions count. Without privilege the same programs start there."""
    devices(other_root / "dev")
    programs = [*ours.values(), glibc]
    for privilege in (None, SET_GROUP_ID):
        for program in programs:
            give(other_root / str(program).lstrip("/"), privilege)
        starts = starter.each(programs, f"chroot={other_root}", "nobody", *closing(0, 1))
        for program, start in starts.items():
            if privilege is None:
                assert start.status == 0 and b"first open 0" in start.texts, start
            else:
                assert (start.status in (ABORTED, REFUSED), start.report) == (True, b""), start
