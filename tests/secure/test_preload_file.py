"""What /etc/ld.so.preload names is loaded once, for the program and for libc, in privileged programs too."""

import dataclasses
import json
import shutil
import sys
from pathlib import Path

import pytest
from sources import sources_of
from starting import SET_USER_ID, give

from loaders import SYSTEM_LOADERS, emulator, loader
from process import environment, run
from roots import RootUnavailable, packages_root

CASES = sources_of(__file__)
HELPER = Path(__file__).with_name("with_preload_file.py")
NOBODY = 65534
FOREIGN = "/usr/aarch64-linux-gnu"

# {} is the object.
LISTS = ("{}", "{}\n", "\n\n {} \n", "# a comment\n{}\n", "{} # a comment\n", "{}# a comment", "{}#", "#{}\n", "# {}",
         "# one\n# two\n{}\n", "{}\n# one\n# two, which is no comment for glibc\n", "{0}:{0}", "{0} {0}", ":{}:", "{}\t",
         "{};", "/gone.so:{}", "/gone.so\t{}\n/gone.so", "libgone.so {}", "", "\n", "#", " ", ":", "/etc\n{}",
         "$ORIGIN/libinterposes.so", "libinterposes.so")


@dataclasses.dataclass(frozen=True)
class Bench:
    folder: Path

    def compiler(self, source, machine):
        prefix = "" if machine == "x86_64" else f"{machine}-linux-gnu-"
        return f"{prefix}{'g++' if source.suffix == '.cc' else 'gcc'}"

    def library(self, name, machine="x86_64"):
        library = Path(name).with_suffix(".so").name
        return self._build(CASES / name, library, machine, "-shared", f"-Wl,-soname,{library}")

    def program(self, name, interpreter, machine="x86_64"):
        folder = "ours" if interpreter == self.loader(machine) else "theirs"
        return self._build(CASES / name, f"{folder}/{Path(name).stem}", machine, f"-Wl,--dynamic-linker={interpreter}", "-pthread")

    def _build(self, source, name, machine, *flags):
        output = self.folder / machine / name
        if not output.exists():
            output.parent.mkdir(parents=True, exist_ok=True)
            built = run([self.compiler(source, machine), "-O1", "-fPIC", "-fno-builtin", source, *flags, "-o", output])
            assert built.status == 0, built
        return output

    def loader(self, machine):
        copy = self.folder / loader(machine).name
        if not copy.exists():
            shutil.copy(loader(machine), copy)
            copy.chmod(0o755)
        return copy

    def both(self, name):
        """The program for libc's own loader, and the same for ours."""
        return self.program(name, SYSTEM_LOADERS["x86_64"]), self.program(name, self.loader("x86_64"))

    def starts(self, starts):
        """(list, command, variables, user) of each; returns (status, output, errors) of each."""
        listed = [{"list": text, "command": [str(word) for word in command],
                   "environment": {"PATH": "/usr/bin:/bin", **variables}, "user": user}
                  for text, command, variables, user in starts]
        result = run(["unshare", "--mount", "--propagation", "private", sys.executable, HELPER, self.folder / "etc"],
                     stdin=json.dumps(listed), timeout=200, env=environment())
        assert result.status == 0, result
        return json.loads(result.out)

    def same(self, name, text, *arguments, user=0, **variables):
        """The program's status, output and errors under libc's own loader; those under ours must be equal."""
        wanted, found = self.starts((text, (program, *arguments), variables, user) for program in self.both(name))
        assert found == wanted, text
        return wanted


@pytest.fixture(scope="module")
def bench(reachable):
    folder = reachable / "preload-file"
    folder.mkdir(mode=0o755)
    shutil.copytree("/etc", folder / "etc", symlinks=True, ignore=shutil.ignore_patterns("ld.so.preload"))
    return Bench(folder)


@pytest.mark.parametrize("text", LISTS, ids=repr)
def test_the_list_is_read_as_glibc_reads_it(bench, text):
    library = bench.library("libinterposes.c")
    bench.same("program.c", text.format(library), library)


def test_the_object_interposes_once_for_program_and_libc(bench):
    library = bench.library("libinterposes.c")
    status, output, errors = bench.same("program.c", f"{library}\n", library)
    assert (status, errors) == (0, "")
    assert output.splitlines() == ["begins", "[interposed] program", "copies: 1", "everybody's: 1", "loaded: 1",
                                   "opened: 1", "ends"]


def test_a_name_is_searched_for(bench):
    library = bench.library("libinterposes.c")
    _, output, _ = bench.same("program.c", library.name, LD_LIBRARY_PATH=str(library.parent))
    assert "copies: 1" in output.splitlines()


def test_it_stands_behind_ld_preload(bench):
    interposes, allocates = bench.library("libinterposes.c"), bench.library("liballocates.c")
    status, output, _ = bench.same("program.c", str(interposes), interposes, LD_PRELOAD=str(allocates))
    assert status == 0 and "copies: 1" in output.splitlines()
    bench.same("program.c", f"{interposes} {allocates}", interposes, LD_PRELOAD=str(interposes))


def test_an_allocator_is_libcs_too(bench):
    status, output, _ = bench.same("allocates.c", str(bench.library("liballocates.c")))
    assert (status, output) == (0, "allocator: preloaded\n")


def test_an_agent_in_cplusplus_shares_the_programs_library(bench):
    status, output, _ = bench.same("cplusplus.cc", str(bench.library("libagent.cc")))
    assert status == 0
    assert output.splitlines() == ["agent has seen 1", "C++ libraries: 1", "caught 5", "agent: 5"]


@pytest.mark.parametrize("text", LISTS, ids=repr)
def test_a_privileged_program_loads_what_is_named_by_its_path(bench, text):
    library = bench.library("libinterposes.c")
    for program in bench.both("program.c"):
        give(program, SET_USER_ID)
    try:
        bench.same("program.c", text.format(library), library, user=NOBODY, LD_PRELOAD=str(library),
                   LD_LIBRARY_PATH=str(library.parent))
    finally:
        for program in bench.both("program.c"):
            give(program, None)


@pytest.mark.parametrize("name, library", [("allocates.c", "liballocates.c"), ("cplusplus.cc", "libagent.cc")])
def test_a_privileged_program_has_the_allocator_and_the_agent_too(bench, name, library):
    for program in bench.both(name):
        give(program, SET_USER_ID)
    try:
        status, output, _ = bench.same(name, str(bench.library(library)), user=NOBODY)
    finally:
        for program in bench.both(name):
            give(program, None)
    assert status == 0 and ("preloaded" in output or "agent: 5" in output), output


@pytest.fixture(scope="module")
def jemalloc():
    """Debian's libjemalloc.so.2, readable for everybody."""
    try:
        root = packages_root("jemalloc", "bookworm", "amd64", ["libjemalloc2"])
    except RootUnavailable as reason:
        pytest.skip(str(reason))
    return root.path / "usr/lib/x86_64-linux-gnu/libjemalloc.so.2"


@pytest.mark.parametrize("user", [0, NOBODY], ids=["plain", "set-user-ID"])
def test_jemalloc_is_the_allocator_of_program_and_libc(bench, jemalloc, user):
    library = bench.folder / jemalloc.name
    shutil.copy(jemalloc, library)
    for program in bench.both("jemalloc.c"):
        give(program, SET_USER_ID if user else None)
    status, output, errors = bench.same("jemalloc.c", str(library), user=user)
    assert (status, output, errors) == (0, "program: jemalloc's\nlibc: jemalloc's\nthread: jemalloc's\n", "")


def test_libcs_loader_is_not_left_to_load_it_again(bench):
    library, program = bench.library("libinterposes.c"), bench.both("program.c")[1]
    (outcome,) = bench.starts([(str(library), (program, library), {"LDSEAL_DEBUG": "files"}, 0)])
    assert outcome[0] == 0 and "once more" not in outcome[2], outcome
    assert outcome[1].count("begins\n") == 1


def test_it_works_on_the_other_machine(bench):
    library = bench.library("libinterposes.c", "aarch64")
    program = bench.program("program.c", "/lib/ld-linux-aarch64.so.1", "aarch64")
    commands = [(*emulator("aarch64"), "-L", FOREIGN, *words, program, library)
                for words in ((), (bench.loader("aarch64"),))]
    # The emulator is a program, too, and cannot load the object: what it says of it is no matter.
    wanted, found = bench.starts((str(library), command, {}, 0) for command in commands)
    assert found[:2] == wanted[:2], (found, wanted)
    assert "copies: 1" in wanted[1].splitlines()
