"""Whatever a caller has a hand in (arguments, folder, limits, signals, timers, personality, tracing, filters …), with
every kind of privilege and of libc: the program starts as under its own loader, sealed, and ldseal says nothing.

Privilege by a security module (SELinux, AppArmor) sets AT_SECURE, too; there is none on the machines of these tests.
"""

import contextlib
import ctypes
import os
import random
import shutil
import struct

import pytest
from kinds import DYNAMIC, KINDS
from starting import CAP_DAC_READ_SEARCH, CAPABILITY, SET_GROUP_ID, SET_OTHER_USER_ID, SET_USER_ID, give

EPERM, NOBODY = -1, 65534
PRIVILEGES = {"plain": None, "user": SET_USER_ID, "other": SET_OTHER_USER_ID, "group": SET_GROUP_ID, "file": CAPABILITY}
CPU, FSIZE, DATA, STACK, CORE, NPROC, NOFILE, MEMLOCK, AS, SIGPENDING, NICE = 0, 1, 2, 3, 4, 6, 7, 8, 9, 11, 13
DUMPABLE, DEATH_SIGNAL, KEEP_CAPABILITIES, TIME_STAMP_COUNTER, NO_NEW_PRIVS, NO_HUGE_PAGES = 4, 1, 8, 26, 38, 41
NO_SUCH_SYSTEM_CALL = 1000
CONDITIONS = {
    "nothing": [],
    "no arguments": ["no-arguments"],
    "an empty name": ["argv0="],
    "an empty argument": ["argument=", "argument=x"],
    "an option for a name": ["argv0=--preload", "argument=/nowhere", "argument=/usr/bin/id"],
    "another option for a name": ["argv0=--list"],
    "options for arguments": ["argument=--library-path", "argument=/nowhere", "argument=--help"],
    "our name": ["argv0=ld-seal-x86_64.so.1", "argument=/usr/bin/id"],
    "a long argument": [f"argument={'x' * 100_000}"],
    "many arguments": ["arguments=3000"],
    "a removed folder": ["removed-folder=/var/tmp/secure-removed"],
    "the root folder": ["folder=/"],
    "a folder of processes": ["folder=/proc"],
    "no address space to spare": [f"limit={AS}:{32 << 20}"],
    "unlimited stack": [f"limit={STACK}:-1"],
    "a small stack": [f"limit={STACK}:{1 << 17}"],
    "little data": [f"limit={DATA}:{8 << 20}"],
    "no files": [f"limit={FSIZE}:0"],
    "few descriptors": [f"limit={NOFILE}:8"],
    "no core": [f"limit={CORE}:0"],
    "any core": [f"limit={CORE}:-1"],
    "no locked memory": [f"limit={MEMLOCK}:0"],
    "no processes": [f"limit={NPROC}:0"],
    "no pending signals": [f"limit={SIGPENDING}:0"],
    "a second of time": [f"limit={CPU}:1"],
    "signals blocked": ["block-signals"],
    "signals ignored": ["ignore-signals"],
    "signals blocked, and a timer": ["block-signals", "timer=40"],
    "signals ignored, and a timer": ["ignore-signals", "timer=40"],
    "no layout at random": ["personality=0x0040000"],
    "the old layout": ["personality=0x0200000"],
    "the old layout and unlimited stack": ["personality=0x0200000", f"limit={STACK}:-1"],
    "read implies execute": ["personality=0x0400000"],
    "page zero": ["personality=0x0100000"],
    "an old kernel's name": ["personality=0x0020000"],
    "3 GiB": ["personality=0x8000000"],
    "every personality": ["personality=0x7ff0000"],
    "no_new_privs": [f"process={NO_NEW_PRIVS}:1"],
    "a filter": [f"deny={NO_SUCH_SYSTEM_CALL}"],
    "traced": ["traced"],
    "a shared folder": ["shared-folder"],
    "no permissions for files": ["umask=0777"],
    "nice": ["nice=19"],
    "not dumpable": [f"process={DUMPABLE}:0"],
    "a death signal": [f"process={DEATH_SIGNAL}:9"],
    "kept capabilities": [f"process={KEEP_CAPABILITIES}:1"],
    "no time-stamp counter": [f"process={TIME_STAMP_COUNTER}:2"],
    "no huge pages": [f"process={NO_HUGE_PAGES}:1"],
    "by descriptor": ["by-descriptor"],
}
# Of /proc/self/status what a caller can have an influence on, and does not change from start to start.
FIELDS = ("Name", "Umask", "Uid", "Gid", "Groups", "SigBlk", "SigIgn", "SigCgt", "CapInh", "CapPrm", "CapEff", "CapBnd",
          "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters", "THP_enabled", "Threads")
HWCAPS = "glibc-hwcaps/x86-64-v2"
ENVIRONMENT = [b"KEPT=1", b"ALSO=", b"PATH=/usr/bin"]


class Copies:
    """Every kind of program with every privilege, ours and theirs."""

    def __init__(self, builder):
        self.pairs = {}
        for kind in KINDS:
            originals = builder.programs("shows_start.c", kind)
            for name, privilege in PRIVILEGES.items():
                self.pairs[kind, name] = [self._copy(program, name, privilege) for program in originals]

    def _copy(self, program, name, privilege):
        copy = program.with_name(f"{name}-{program.name}")
        shutil.copy(program, copy)
        give(copy, privilege)
        return copy

    @property
    def ours(self):
        return [pair[0] for pair in self.pairs.values()]

    @property
    def all(self):
        return [program for pair in self.pairs.values() for program in pair]


@pytest.fixture(scope="module")
def copies(builder):
    return Copies(builder)


def shown_by(start):
    """What it shows, without what is otherwise under another loader or in every start."""
    kept = []
    for text in start.texts:
        if text.startswith(b"Name:\t"):
            lines = text.decode().splitlines()
            kept += [line.encode() for line in lines if line.partition(":")[0] in FIELDS]
        elif not text.startswith(b"seal of"):
            kept.append(text.partition(b":[")[0].replace(b"theirs/", b"ours/"))
    return [*kept, start.environ_file]


def is_sealed(start):
    return all(int(text.rpartition(b" ")[2]) == EPERM for text in start.texts if text.startswith(b"seal of"))


def differences(ours, theirs):
    found, wanted = shown_by(ours), shown_by(theirs)
    return [pair for pair in zip(found, wanted) if pair[0] != pair[1]] or (found[len(wanted):], wanted[len(found):])


def compare(copies, starts):
    for (kind, privilege), (ours, theirs) in copies.pairs.items():
        found, wanted = starts[ours], starts[theirs]
        assert found.out + found.err == b"", (kind.name, privilege, found)
        if not wanted.is_whole and not found.is_whole:  # glibc reads the time-stamp counter
            assert (found.status, found.report) == (wanted.status, b""), (kind.name, privilege, found)
            continue
        assert found.is_whole and is_sealed(found), (kind.name, privilege, found)
        assert not wanted.is_whole or differences(found, wanted) == ([], []), (kind.name, privilege)


def start_all(starter, programs, *words):
    starts = starter.run(programs, *words, environments=[ENVIRONMENT])
    return {program: start for (program, _), start in starts.items()}


@pytest.mark.parametrize("words", CONDITIONS.values(), ids=CONDITIONS)
def test_it_starts_as_under_its_own_loader(words, copies, starter):
    compare(copies, start_all(starter, copies.all, "nobody", *words))


@pytest.mark.parametrize("seed", range(20))
def test_it_does_so_where_several_come_together(seed, copies, starter):
    chance = random.Random(seed)
    leaves_room = [words for name, words in CONDITIONS.items() if name not in ("few descriptors", "no processes")]
    chosen = chance.sample(leaves_room, chance.choice([2, 3, 5, 8]))
    compare(copies, start_all(starter, copies.all, "nobody", *(word for words in chosen for word in words)))


def test_these_programs_have_privilege(copies, starter):
    starts = start_all(starter, copies.ours, "nobody")
    for (_, name), (ours, _) in copies.pairs.items():
        lines = (line.split(b":\t", 1) for line in shown_by(starts[ours]) if b":\t" in line)
        status = {field: value.split() for field, value in lines}
        all_capabilities, none = status[b"CapBnd"], [b"0" * 16]
        effective_user, effective_group, capabilities = {
            "plain": (b"65534", b"65534", none), "user": (b"0", b"65534", all_capabilities),
            "other": (b"1", b"65534", none), "group": (b"65534", b"0", none),
            "file": (b"65534", b"65534", [b"%016x" % (1 << CAP_DAC_READ_SEARCH)])}[name]
        assert status[b"Uid"][:2] == [b"65534", effective_user] and status[b"Gid"][:2] == [b"65534", effective_group]
        assert status[b"CapEff"] == capabilities
        assert starts[ours].number(b"secure") == (name != "plain")


@pytest.fixture
def callers_folder(builder):
    """A folder that everybody may write to, with false libraries under every name that is looked for."""
    folder = builder.folder / "open"
    folder.mkdir()
    folder.chmod(0o1777)
    hwcaps = folder / HWCAPS
    hwcaps.mkdir(parents=True)
    for name in ("libwho.so", "libc.so.6", "libc.so", "ld-linux-x86-64.so.2", "ld-musl-x86_64.so.1", "x.so"):
        for place in (folder, hwcaps):
            copy = shutil.copy(builder.false_library, place / name)
            os.chown(copy, NOBODY, NOBODY)
            os.chmod(copy, 0o4755)  # as what a privileged program preloads must be
    yield folder
    shutil.rmtree(folder)


STRANGE = "--preload:a;b $ORIGIN\n%s\xff/"
NAMES = {"a symbolic link": (os.symlink, "", "FOLDER/"), "a hard link": (os.link, "", "FOLDER/"),
         "a relative path": (os.link, "", "./"), "a bare name": (os.link, "", ""),
         "a roundabout path": (os.link, "", "..//open/./"), "a path by /proc": (os.link, "", "/proc/self/cwd/"),
         "a strange name": (os.link, STRANGE, STRANGE), "a long path": (os.link, "", "./" * 1900)}


@pytest.mark.parametrize("make, folder, start", NAMES.values(), ids=NAMES)
def test_another_name_in_the_callers_folder_changes_nothing(make, folder, start, copies, starter, callers_folder):
    links = {}
    for program in copies.all:
        name = f"{program.parent.name}/{program.name}"
        (callers_folder / folder / name).parent.mkdir(parents=True, exist_ok=True)
        make(program, callers_folder / folder / name)
        links[program] = start.replace("FOLDER", str(callers_folder)) + name
    starts = start_all(starter, links.values(), "nobody", f"folder={callers_folder}")
    compare(copies, {program: starts[link] for program, link in links.items()})


@contextlib.contextmanager
def opened_in(*folders):
    """A list that in the end has the names of all that was opened in these folders (inotify(7))."""
    libc, names, IN_OPEN = ctypes.CDLL(None, use_errno=True), [], 0x20
    queue = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    for folder in folders:
        assert libc.inotify_add_watch(queue, bytes(folder), IN_OPEN) >= 0
    try:
        yield names
        with contextlib.suppress(BlockingIOError):
            events = os.read(queue, 1 << 16)
            while events:
                length = struct.unpack_from("<iIII", events)[3]
                names.append(events[16:16 + length].rstrip(b"\0").decode())
                events = events[16 + length:]
    finally:
        os.close(queue)


def test_no_file_of_the_callers_is_opened_with_privilege(copies, starter, callers_folder):
    programs = [pair[0] for (_, name), pair in copies.pairs.items() if name != "plain"]
    folder, library = bytes(callers_folder), bytes(callers_folder / "x.so")
    environment = [b"LD_LIBRARY_PATH=" + folder + b"::.", b"LD_PRELOAD=" + library, b"LD_AUDIT=" + library,
                   b"\x01D_PRELOAD=" + library, b"LD_ORIGIN_PATH=" + folder, b"LD_DEBUG_OUTPUT=" + folder + b"/trace",
                   b"LD_DEBUG=all", b"LDSEAL_DEBUG=all", b"GCONV_PATH=" + folder, b"LD_PROFILE_OUTPUT=" + folder]
    with opened_in(callers_folder, callers_folder / HWCAPS) as names:
        starts = starter.run(programs, "nobody", f"folder={callers_folder}", environments=[environment])
    for start in starts.values():
        assert start.is_whole and start.values(b"library ") in ([], [b"right"]), start
        assert start.out + start.err == b"", start
    assert names == [] and not list(callers_folder.glob("trace*"))


PRELOADS = ["x.so", "./x.so", "FOLDER/x.so", "$ORIGIN", "$ORIGIN/x.so", "${ORIGIN}/x.so", "${ORIGIN}x.so",
            "$ORIGINx.so", "${LIB}x.so", "$LIB/x.so", "$PLATFORM/x.so", "../open/x.so", "::x.so", " ./x.so ",
            "\n./x.so", "\t./x.so", "libwho.so", "libwho.so:FOLDER/libwho.so", "/proc/self/cwd/x.so", ".", "..",
            "x.so/", "x.so;./x.so", "x.so,./x.so"]


def test_no_preload_of_the_callers_runs_with_privilege(copies, starter, callers_folder):
    """Nor by way of $ORIGIN, which is the caller's folder where the program has a name there."""
    links = []
    for (kind, name), (program, _) in copies.pairs.items():
        if name != "plain" and not kind.is_static:
            links.append(callers_folder / program.name)
            os.link(program, links[-1])
    beside = shutil.copy(callers_folder / "x.so", f"{callers_folder}x.so")
    os.chmod(beside, 0o4755)
    environments = [[b"LD_%s=%s" % (variable, value.replace("FOLDER", str(callers_folder)).encode())]
                    for variable in (b"PRELOAD", b"AUDIT") for value in PRELOADS]
    with opened_in(callers_folder, callers_folder / HWCAPS) as names:
        starts = starter.run(links, "nobody", f"folder={callers_folder}", environments=environments)
    assert {start.is_whole and start.number(b"secure") for start in starts.values()} == {1}
    assert {start.values(b"library ")[0] for start in starts.values()} == {b"right"}
    assert [start for start in starts.values() if b"false library" in start.err + start.out] == []
    assert set(names) == {link.name for link in links}  # by execve itself


def test_what_is_opened_there_would_be_seen(copies, starter, callers_folder):
    program, = (pair[0] for (kind, name), pair in copies.pairs.items() if (kind.name, name) == ("glibc", "plain"))
    environment = [b"LD_LIBRARY_PATH=" + bytes(callers_folder)]
    with opened_in(callers_folder, callers_folder / HWCAPS) as names:
        starter.run([program], "nobody", environments=[environment])
    assert "libc.so.6" in names


SWEEPS = {"address space": (AS, [kilobytes << 10 for kilobytes in (0, 256, 512, 768, *range(1024, 6144, 256))]),
          "data": (DATA, [kilobytes << 10 for kilobytes in (0, 4, 16, 32, *range(64, 1024, 64))]),
          "stack": (STACK, [kilobytes << 10 for kilobytes in (0, 4, 8, 16, 32, 48, 64, 96, 128)]),
          "descriptors": (NOFILE, range(12))}


@pytest.mark.parametrize("resource, values", SWEEPS.values(), ids=SWEEPS)
def test_with_too_little_it_does_not_start_by_half(resource, values, copies, starter):
    """Either main runs, and then all is sealed, or it does not run."""
    whole = 0
    for value in values:
        starts = start_all(starter, copies.ours, "nobody", f"limit={resource}:{value}")
        for start in starts.values():
            assert start.out == b""
            if start.status == 0:
                whole += 1
                assert start.is_whole and is_sealed(start) and start.err == b"", (value, start)
            else:
                assert start.report == b"" and start.err.count(b"\n") <= 1, (value, start)
    assert whole > 0


@pytest.mark.parametrize("kind", DYNAMIC, ids=lambda kind: kind.name)
def test_by_the_loaders_command_it_has_no_privilege(kind, builder, copies, starter):
    for name in PRIVILEGES:
        ours, theirs = copies.pairs[kind, name]
        interpreter = builder.interpreter(kind)
        found = start_all(starter, [ours], "nobody", f"by-loader={builder.loader}")[ours]
        wanted = start_all(starter, [theirs], "nobody", f"by-loader={interpreter}")[theirs]
        assert found.number(b"secure") == wanted.number(b"secure") == 0
        assert found.values(b"library ") == [b"right"] and is_sealed(found)
        ids = [[text for text in shown_by(start) if text.startswith((b"auxiliary ID", b"Uid", b"Gid", b"Cap"))]
               for start in (found, wanted)]
        assert ids[0] == ids[1] != []


@pytest.mark.parametrize("kind", DYNAMIC, ids=lambda kind: kind.name)
def test_by_the_loaders_command_none_is_read_that_may_only_be_executed(kind, builder, copies, starter):
    program, _ = copies.pairs[kind, "user"]
    program.chmod(0o4711)
    try:
        refused = start_all(starter, [program], "nobody", f"by-loader={builder.loader}")[program]
        started = start_all(starter, [program], "nobody")[program]
    finally:
        program.chmod(0o4755)
    assert (refused.status, refused.report, refused.out) == (127, b"", b"") and refused.err.count(b"\n") == 1
    assert b"Permission denied" in refused.err
    assert started.is_whole and started.number(b"secure") == 1 and is_sealed(started)


@pytest.mark.parametrize("timer", [100, 200, 400, 800, 1600])
def test_an_alarm_ends_it_or_does_not(timer, copies, starter):
    starts = start_all(starter, copies.ours, "nobody", f"timer={timer}")
    for start in starts.values():
        assert start.status in (0, -14) and start.out + start.err == b"", start
        assert start.status != 0 or (start.is_whole and is_sealed(start)), start
