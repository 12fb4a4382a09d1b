"""What the loader has written about an object that a program opens: read-only from its first constructor to its end, and
sealed where the object stays for ever."""

import dataclasses
import shutil

import pytest

from loaders import SYSTEM_LOADERS, emulator, loader
from process import environment, run
from seal_tools import compile_program, inspect
from sources import sources_of

PROGRAMS = sources_of(__file__)
SEALED = "r--p, sealed, Operation not permitted"
LEFT = "r--p, left, can be changed"


class Objects:
    """The program, and what it opens: `needing` needs `needed`, `kept` asks not to be deleted."""

    def __init__(self, folder, compiler):
        self.folder, self._compiler = folder, compiler
        self.program = compile_program(folder / "describes", [PROGRAMS / "describes.c"], "-rdynamic", compiler=compiler)
        for name in ("plain", "needed", "other"):
            self.build(name)
        self.build("needing", f"-L{folder}", "-lneeded", f"-Wl,-rpath,{folder}", "-Wl,--no-as-needed")
        self.build("kept", "-Wl,-z,nodelete")

    def build(self, name, *flags, source="libplain.c"):
        compile_program(self.path(name), [PROGRAMS / source], f'-DNAME="{name}"', "-shared", "-fPIC",
                        f"-Wl,-soname,lib{name}.so", "-Wl,--no-as-needed", *flags, compiler=self._compiler)

    def path(self, name):
        return self.folder / f"lib{name}.so"

    def words(self, *orders):
        """"open plain" as words of the command line."""
        return [word for order in map(str.split, orders) for word in (order[0], self.path(order[1]))]


@dataclasses.dataclass(frozen=True)
class Looks:
    """The answers to `look`, by object; and every line."""

    answers: dict
    lines: list


def looks_of(result):
    assert (result.status, result.err) == (0, ""), result
    lines = result.out.splitlines()
    answers = [line.removeprefix("look lib").split(".so: ") for line in lines if line.startswith("look ")]
    return Looks(dict(answers), lines)


def built(compiler, folder):
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is missing")
    return Objects(folder, compiler)


@pytest.fixture(scope="module")
def with_glibc(tmp_path_factory):
    return built("gcc", tmp_path_factory.mktemp("described"))


@pytest.fixture(scope="module")
def with_musl(tmp_path_factory):
    return built("musl-gcc", tmp_path_factory.mktemp("described"))


@pytest.fixture(scope="module", params=["gcc", "musl-gcc"])
def objects(request, tmp_path_factory):
    return built(request.param, tmp_path_factory.mktemp("described"))


@pytest.fixture
def looks(native_launcher, tmp_path):
    """looks(objects, "open plain", "look plain", …)"""
    def looks(objects, *orders, **variables):
        command = native_launcher.command(objects.program, *objects.words(*orders), folder=tmp_path)
        return looks_of(run(command, env=environment(**variables)))
    return looks


def test_it_is_read_only_as_long_as_the_object_can_leave(with_glibc, looks):
    assert looks(with_glibc, "open plain", "look plain").answers == {"plain": LEFT}


def test_under_musl_it_is_sealed_because_every_object_stays(with_musl, looks):
    found = looks(with_musl, "open plain", "open needing", "look plain", "look needing")
    assert found.answers == {"plain": SEALED, "needing": SEALED}


def test_it_is_sealed_where_the_object_asks_to_stay(objects, looks):
    assert looks(objects, "open kept", "look kept").answers == {"kept": SEALED}


def test_it_is_sealed_where_the_caller_asks_for_that_and_no_other_is(with_glibc, looks):
    found = looks(with_glibc, "open plain", "nodelete other", "look plain", "look other")
    assert found.answers == {"plain": LEFT, "other": SEALED}


def test_it_is_sealed_once_the_object_can_leave_no_more(with_glibc, looks):
    assert looks(with_glibc, "open plain", "nodelete plain", "look plain").answers == {"plain": SEALED}


def test_it_is_sealed_once_the_program_has_found_a_name_in_it(with_glibc, looks):
    """By the global scope: then the object stays, because the program does."""
    found = looks(with_glibc, "global plain", "find plain", "look plain")
    assert found.lines[1:4] == ["global libplain.so: opened", "find libplain.so: found", f"look libplain.so: {SEALED}"]


def test_it_is_sealed_of_what_one_that_stays_needs_though_opened_before(with_glibc, looks):
    found = looks(with_glibc, "open needed", "look needed", "nodelete needing", "look needed", "look needing")
    assert found.lines.count(f"look libneeded.so: {LEFT}") == 1
    assert found.answers == {"needed": SEALED, "needing": SEALED}


def test_it_is_sealed_of_all_under_the_class_dlopen(with_glibc, looks):
    assert looks(with_glibc, "open plain", "look plain", LDSEAL="+dlopen").answers == {"plain": SEALED}


def test_it_is_not_sealed_without_the_class_loader(with_glibc, looks):
    assert ", left, " in looks(with_glibc, "nodelete plain", "look plain", LDSEAL="-loader").answers["plain"]


def test_a_sealed_one_serves_until_the_end(with_glibc, looks):
    found = looks(with_glibc, "nodelete plain", "close plain", "open other", "close other", "open plain", "look plain")
    assert found.answers == {"plain": SEALED}
    assert found.lines[-1] == "plain ends" and found.lines.count("plain begins") == 1


def test_what_changes_about_a_sealed_object_still_changes(with_glibc, looks):
    """Its number of handles, and who needs it."""
    found = looks(with_glibc, "nodelete needed", "open needing", "close needing", "open needing", "close needing",
                  "close needed", "open needed", "look needed")
    assert found.answers == {"needed": SEALED}
    assert found.lines.count("needing ends") == 2 and found.lines[-1] == "needed ends"


def test_it_stays_read_only_while_another_object_is_opened(with_glibc, looks):
    with_glibc.build("resolves", source="libresolves.c")
    found = looks(with_glibc, "open plain", "open resolves", "look plain")
    assert "meanwhile: r--p" in found.lines
    assert found.answers == {"plain": LEFT}


def test_the_lines_about_seals_have_it(with_glibc, attack, native_launcher, tmp_path):
    command = native_launcher.command(with_glibc.program, *with_glibc.words("nodelete plain", "open other"), folder=tmp_path)
    found = inspect(attack, command, tmp_path, attacks=False, timeout=300)
    assert found.result.status == 0, found.result
    image = [area for area in found.areas if area.name == str(native_launcher.loader)]
    outside = [entry for entry in found.trace.plan if entry.seal_class == "loader" and entry.permissions == "r--"
               and not min(area.start for area in image) <= entry.start < max(area.end for area in image) + (1 << 20)]
    assert [entry.verdict for entry in outside].count("sealed") == 1, outside
    assert [entry.verdict for entry in outside].count("left") == 1, outside


def test_objects_are_opened_and_closed_on_aarch64_too(tmp_path):
    """QEMU's user mode has no mseal."""
    compiler = "aarch64-linux-gnu-gcc"
    if shutil.which("qemu-aarch64") is None:
        pytest.skip("qemu-aarch64 is missing")
    objects = built(compiler, tmp_path)
    words = objects.words("open plain", "look plain", "nodelete needing", "close plain", "open plain", "open kept",
                          "look needing", "close needing")
    libraries = ["--library-path", SYSTEM_LOADERS["aarch64"].parent]
    found = looks_of(run([*emulator("aarch64"), loader("aarch64"), *libraries, objects.program, *words], timeout=60))
    assert found.answers == {"plain": LEFT, "needing": LEFT}
    assert found.lines.count("plain begins") == found.lines.count("plain ends") == 2
