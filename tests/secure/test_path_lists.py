"""Lists of folders and of objects are read as the program's libc reads them, whoever starts the program and wherever.

An empty piece that counts where libc has none is the caller's folder, and in a set-user-ID program the caller's code.
Every list here is tried in every place where one can stand; libc's own loader says what must be found.
"""

import dataclasses
import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest

from roots import RootUnavailable, root
from world import NEEDED, OUR_LOADER, PROGRAM_FOLDERS, RUN_PATH, World

LISTS = (
    "", ":", "::", "/none:", ":/none", "/none::/none", "/a", "/none:/a", ":/a", "/a:", "/none::/a",
    ";", "/none;", ";/none", "/none;/none", "/none;/a", ";/a", "/none;:/a",
    "\n", "/none\n", "\n/none", "/none\n/a", "\n/a", "/none\n\n/a", " ", "/none /a", "/a ", "/none,/a", "\t",
    ".", "./", "./.", "sub", "sub/", "./sub", "..", "/none:sub", "sub:", ":sub", "none:/a", "none",
    "/", "//", "/a/", "/a//", "//a", "/none/:/a/",
    "$ORIGIN", "${ORIGIN}", "$ORIGIN:", ":$ORIGIN", "$ORIGIN/", "$ORIGIN/sub", "${ORIGIN}/sub", "$ORIGIN/../a",
    "/none:$ORIGIN/sub", "/none:$ORIGIN", "/a:$ORIGIN", "$ORIGIN:/a", "$ORIGIN/none:/a", "$ORIGINsub", "${ORIGIN}sub",
    "/$ORIGIN/sub", "/a/../$ORIGIN/sub", "sub/$ORIGIN", "$ORIGIN$ORIGIN/sub", "$ORIGIN/$ORIGIN/sub", "$ORIGIN-:/a",
    "${ORIGIN", "${ORIGIN:/a", "$ORIGIN}:/a", "$ORIGINAL:/a", "$ORIGIN_:/a", "$origin:/a", "$", "$:/a", "$$:/a", "$/a",
    "$LIB", "/none/$LIB:/a", "$ORIGIN/$LIB", "$LIB:$ORIGIN/sub", "$PLATFORM:/a", "$WORD", "$WORD:/a", "/$WORD",
    "$ORIGIN/$WORD", "/a:$LIB", "/a:$ORIGIN/$LIB", "/usr/lib/app", "$ORIGIN/../usr/lib/app/sub",
    "$ORIGIN/../usr/lib/../../a", "$ORIGIN/../usr/lib/./app//sub",
    "/" + "x" * 300 + ":/a", "/" + "x/" * 300 + ":/a",
    "/a" + "/." * 249, "/a" + "/." * 250, "/none" + "/." * 300 + ":/a",
)
WANTED = ("libnew.so", "libwho.so")  # the system has only the second
OTHER_LIBCS = ("glibc-trixie", "glibc-sid", "musl-sid")
SLOW, LONG = [pytest.mark.slow], [pytest.mark.slow, pytest.mark.long]
LIBCS = ("glibc", "musl", *(pytest.param(name, marks=SLOW if name == OTHER_LIBCS[0] else LONG) for name in OTHER_LIBCS))


def libcs_of(family):
    return [libc for libc in LIBCS if getattr(libc, "values", (libc,))[0].startswith(family)]


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a list can stand: in the program, in a library that asks in its stead, in a variable or in an option."""
    program: str
    library: str = ""
    variable: str = ""
    option: str = ""
    opened: str = ""  # what dlopen is asked for: what is wanted, or a library that needs it

    @property
    def holder(self):
        """What has the list in its bytes; empty if nothing has."""
        return next((name for name in (self.program, self.library) if "PATH" in name), "")


PLACES = {
    "DT_RUNPATH of the program": Place("needs-RUNPATH"),
    "DT_RPATH of the program": Place("needs-RPATH"),
    "DT_RUNPATH of the program and what a library needs": Place("needs-below-RUNPATH", "libneeds-none.so"),
    "DT_RPATH of the program and what a library needs": Place("needs-below-RPATH", "libneeds-none.so"),
    "DT_RUNPATH of a library": Place("needs-below-none", "libneeds-RUNPATH.so"),
    "DT_RPATH of a library": Place("needs-below-none", "libneeds-RPATH.so"),
    "DT_RUNPATH of the program, which calls dlopen": Place("opens-RUNPATH", opened="wanted"),
    "DT_RPATH of the program, which calls dlopen": Place("opens-RPATH", opened="wanted"),
    "DT_RUNPATH of a library, which calls dlopen": Place("opens-below-none", "libopens-RUNPATH.so", opened="wanted"),
    "DT_RPATH of a library, which calls dlopen": Place("opens-below-none", "libopens-RPATH.so", opened="wanted"),
    "DT_RPATH of a library and what an opened object needs":
        Place("opens-below-none", "libopens-RPATH.so", opened="below"),
    "DT_RPATH of the program and what an opened object needs": Place("opens-RPATH", opened="below"),
    "LD_LIBRARY_PATH": Place("needs-none", variable="LD_LIBRARY_PATH"),
    "LD_LIBRARY_PATH and dlopen": Place("opens-none", variable="LD_LIBRARY_PATH", opened="wanted"),
    "--library-path": Place("needs-none", option="--library-path"),
    "--library-path and dlopen": Place("opens-none", option="--library-path", opened="wanted"),
}
PRELOADS = (
    "", ":", " ", "/a/libwho.so", ":/a/libwho.so:", " /a/libwho.so ", "/none/libno.so:/a/libwho.so",
    "/none/libno.so /a/libwho.so", "/a/libwho.so\t/b/libwho.so", "\n/a/libwho.so", "/a/libwho.so;/b/libwho.so",
    "libnew.so", "libwho.so", "./libwho.so", "sub/libwho.so", "/b/libnew.so:/a/libwho.so", "$ORIGIN/libwho.so",
    "$ORIGIN/sub/libwho.so", "$LIB/libwho.so", "libset.so", "/lib/libset.so", "$WORD/libwho.so", "x" * 300,
)
NEEDED_NAMES = (
    "libwho.so", "./libwho.so", "sub/libwho.so", "/a/libwho.so", "$ORIGIN/libwho.so", "${ORIGIN}/sub/libwho.so",
    "$ORIGIN/../usr/lib/app/libwho.so", "$LIB/libwho.so", "/$LIB/libwho.so", "$WORD/libwho.so", "/$WORD/libwho.so",
    "$ORIGIN/$WORD/libwho.so", "$ORIGIN/$LIB/libwho.so", "$ORIGIN$ORIGIN/sub/libwho.so", "./$ORIGIN/sub/libwho.so",
    "none/../libwho.so", "//a//libwho.so", "$/libwho.so",
)


@pytest.fixture(scope="module", params=LIBCS)
def world(request):
    if os.geteuid() != 0:
        pytest.skip("needs root, to make programs of one user and run them as another")
    libc, *suite = request.param.split("-")
    try:
        libraries = root(request.param) if suite else None
    except RootUnavailable as reason:
        pytest.skip(str(reason))
    folder = Path(tempfile.mkdtemp(prefix="path-lists-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        if os.statvfs(folder).f_flag & os.ST_NOSUID:
            pytest.skip("needs a file system that honours set-user-ID")
        yield World(folder, libc, libraries)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=[False, True], ids=["ordinary", "set-user-ID"])
def privileged(request):
    return request.param


class Starts:
    """Starts of programs that are told apart by a key, each to be done under both loaders."""

    def __init__(self, world, privileged):
        self.world, self.is_privileged, self.mode = world, privileged, 0o4755 if privileged else 0o755
        self.keys, self.commands = [], {OUR_LOADER: [], world.interpreter: []}

    def add(self, key, built, *changes, arguments=(), options=(), folder="/home", **variables):
        number = len(self.keys)
        self.keys.append(key)
        for name, loader in (("ours", OUR_LOADER), ("theirs", self.world.interpreter)):
            program = f"{folder}/{name}{number:03}".replace("//", "/")
            self.world.put(built, program, (self.world.interpreter, loader), *changes, mode=self.mode)
            command = [loader, *options, program] if options else [program]
            self.commands[loader].append(([*command, *arguments], variables))

    def outcomes(self, loader):
        found = self.world.run(self.commands[loader])
        # What a privileged program's $ORIGIN leads to is told without ".." since glibc 2.41 only.
        normal = [(status, re.sub(" /[^ \n]+", without_dots, output)) for status, output in found]
        return dict(zip(self.keys, normal if self.is_privileged else found))

    def assert_the_same(self):
        """Both loaders do the same for every key; returns what libc's did."""
        wanted, found = self.outcomes(self.world.interpreter), self.outcomes(OUR_LOADER)
        different = {key: {"libc": wanted[key], "ours": found[key]} for key in wanted if wanted[key] != found[key]}
        assert different == {}
        return wanted


def without_dots(path):
    return " " + os.path.normpath(path[0][1:])


def add_start(starts, place, text, folder="/home"):
    """The start of a program with the list `text` in its place, that needs libnew.so, or opens all that is wanted."""
    world = starts.world
    number = f"{len(starts.keys):03}"
    changes = {place.program: [], place.library: []}
    if place.holder:
        changes[place.holder].append((RUN_PATH, text))
    arguments = []
    if not place.opened:
        changes[place.library or place.program].append(("libwho.so", WANTED[0]))
    elif place.opened == "wanted":
        arguments = WANTED
    else:
        arguments = [f"/opt/libway{number}.so"]
        world.put("libneeds-none.so", arguments[0], (NEEDED, arguments[0]), ("libwho.so", WANTED[0]))
    if place.library:
        path = NEEDED.replace("000", number)
        world.put(place.library, path, (NEEDED, path), *changes[place.library])
        changes[place.program].append((NEEDED, path))
    options = [place.option, text] if place.option else []
    variables = {place.variable: text} if place.variable else {}
    starts.add(text, place.program, *changes[place.program], arguments=arguments, options=options, folder=folder,
               **variables)


def told(outcomes):
    return {output.split("\n")[0].split(": ")[-1].split(" ")[0] for _, output in outcomes.values()}


@pytest.mark.parametrize("place, privileged", [  # ld-seal as a command has no privilege
    pytest.param(place, privileged, id=f"{name}-{'set-user-ID' if privileged else 'ordinary'}")
    for name, place in PLACES.items() for privileged in (False, True) if not (place.option and privileged)])
def test_a_list_of_folders_is_read_as_by_libc(world, privileged, place):
    starts = Starts(world, privileged)
    for text in LISTS:
        add_start(starts, place, text)
    assert told(starts.assert_the_same()) & {"", "nothing"}


@pytest.mark.parametrize("folder", PROGRAM_FOLDERS)
@pytest.mark.parametrize("has_proc", [True, False], ids=["with /proc", "without /proc"])
def test_a_list_is_read_as_by_libc_wherever_the_program_is(world, privileged, folder, has_proc, monkeypatch):
    monkeypatch.setattr(world, "has_proc", has_proc)
    starts = Starts(world, privileged)
    for text in LISTS:
        add_start(starts, PLACES["DT_RUNPATH of the program"], text, folder)
    assert "a" in told(starts.assert_the_same())


@pytest.mark.parametrize("tag", ["none", "RPATH"])
def test_a_list_of_objects_is_read_as_by_libc(world, privileged, tag):
    for name in ("lib", f"lib/{'x86_64-linux-gnu' if world.libc == 'glibc' else 'x86_64-linux-musl'}"):
        world.put_library(f"{name}/libset.so", "trusted", mode=0o4755)
    starts = Starts(world, privileged)
    changes = [] if tag == "none" else [(RUN_PATH, "/b")]
    for text in PRELOADS:
        starts.add(text, f"needs-{tag}", *changes, LD_PRELOAD=text)
    wanted = starts.assert_the_same()
    assert ("trusted" if world.libc == "glibc" else "system" if tag == "none" else "b") in told(wanted)


def test_the_option_for_objects_is_read_as_by_libc(world):
    starts = Starts(world, False)
    for text in PRELOADS:
        for variable in ("", "/home/libwho.so"):
            starts.add((text, variable), "needs-none", options=["--preload", text], LD_PRELOAD=variable)
    assert {"a", "home" if world.libc == "glibc" else "system"} <= told(starts.assert_the_same())


def test_a_needed_name_is_read_as_by_libc(world, privileged):
    starts = Starts(world, privileged)
    for name in NEEDED_NAMES:
        starts.add(name, "names", (RUN_PATH, name))
    assert "a" in told(starts.assert_the_same())


@pytest.mark.parametrize("program", ["opens-none", "opens-below-none"])
def test_an_opened_name_is_read_as_by_libc(world, privileged, program):
    starts = Starts(world, privileged)
    world.put("libopens-none.so", NEEDED)
    for name in NEEDED_NAMES:
        starts.add(name, program, arguments=[name])
    assert "a" in told(starts.assert_the_same())


@pytest.mark.parametrize("world", libcs_of("glibc"), indirect=True)
@pytest.mark.parametrize("where", ["RPATH", "RUNPATH", "LD_LIBRARY_PATH"])
def test_dlinfo_tells_the_folders_that_glibc_tells(world, privileged, where):
    starts = Starts(world, privileged)
    world.put("libneeds-none.so", NEEDED)
    # With a folder that exists: glibc forgets a run path, once searched, of which nothing does.
    for text in ("", "/a", "/a:/b:/a/:/a", *(f"{text}:/b" for text in LISTS)):
        variables = {where: text} if where == "LD_LIBRARY_PATH" else {}
        changes = [] if variables else [(RUN_PATH, text)]
        starts.add(text, f"tells-{'none' if variables else where}", *changes, arguments=[NEEDED], **variables)
    begins = "directory: /lib" if privileged and variables else "directory: /a\n"
    assert starts.assert_the_same()["/a"][1].startswith(begins)


@pytest.mark.parametrize("world", libcs_of("musl"), indirect=True)
@pytest.mark.parametrize("text", ["", "\n", ":", "/a\n", "/none\n\n/a", "/none:", "/none;/a", "./\n", "\n/a", None])
def test_musls_file_of_folders_is_read_as_by_musl(world, privileged, text):
    before = (world.folder / "etc/ld-musl-x86_64.path").read_text()
    world.set_path_file(text)
    try:
        starts = Starts(world, privileged)
        starts.add(text, "opens-none", arguments=WANTED)
        starts.assert_the_same()
    finally:
        world.set_path_file(before)
