"""Objects that a program opens: those that can never leave are sealed before their constructors run, no other is."""

import errno
import os
import re
import shutil
import struct

import pytest

from address_ranges import loaded_objects, of, shown, without
from elf_file import PF_R, PF_X, PT_LOAD, program_headers
from expectations import unexpected
from process import environment, run
from seal_tools import SOURCES, compile_program, inspect
from sources import sources_of

_LIBRARY = sources_of(__file__) / "libsays.c"
LATER_FILTER = "a seccomp filter may kill for mseal"
ANSWERS = {"sealed": "Operation not permitted", "left": "it can be changed"}


def make_code_unreadable(path):
    """As a linker does for --execute-only, which Debian's have for aarch64 alone."""
    image = bytearray(path.read_bytes())
    for at, kind, flags in program_headers(image):
        if kind == PT_LOAD and flags & PF_X:
            struct.pack_into("<I", image, at + 4, flags & ~PF_R)
    path.write_bytes(image)


class Objects:
    """A program that opens objects, and some to be opened: `needing` needs `needed`, `kept` asks not to be deleted, the
    code of `unreadable` can be executed alone."""

    def __init__(self, folder, compiler):
        self.folder, self._compiler = folder, compiler
        self.never_leave = compiler == "musl-gcc"
        self.program = compile_program(folder / "opens", [SOURCES / "opens.c"], compiler=compiler)
        for name in ("plain", "needed", "other"):
            self._build(name)
        self._build("needing", f"-L{folder}", "-lneeded", f"-Wl,-rpath,{folder}", "-Wl,--no-as-needed")
        self._build("kept", "-Wl,-z,nodelete")
        self._build("unreadable")
        make_code_unreadable(self.path("unreadable"))

    def _build(self, name, *flags):
        compile_program(self.path(name), [_LIBRARY], f'-DNAME="{name}"', "-shared", "-fPIC",
                        f"-Wl,-soname,lib{name}.so", "-Wl,-z,relro,-z,now",
                        "-Wl,--no-as-needed", *flags, compiler=self._compiler)

    def path(self, name):
        return self.folder / f"lib{name}.so"

    def words(self, *orders):
        """"open plain" as words of the command line."""
        split = [order.split() for order in orders]
        return [word for order in split for word in (order[0], *(self.path(name) for name in order[1:]))]


@pytest.fixture(scope="module", params=["gcc", "musl-gcc"])
def objects(request, tmp_path_factory):
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is missing: install musl-tools")
    return Objects(tmp_path_factory.mktemp("objects"), request.param)


@pytest.fixture(scope="module")
def with_glibc(tmp_path_factory):
    return Objects(tmp_path_factory.mktemp("objects"), "gcc")


@pytest.fixture(scope="module")
def with_musl(tmp_path_factory):
    if shutil.which("musl-gcc") is None:
        pytest.skip("musl-gcc is missing: install musl-tools")
    return Objects(tmp_path_factory.mktemp("objects"), "musl-gcc")


@pytest.fixture
def look(attack, native_launcher, tmp_path):
    """look(objects, "open plain", …): what the program is when it has done that."""
    def look(objects, *orders, attacks=False, **variables):
        (tmp_path / "copy").mkdir(exist_ok=True)
        command = native_launcher.command(objects.program, *objects.words(*orders), folder=tmp_path / "copy")
        found = inspect(attack, command, tmp_path, attacks=attacks, timeout=300, **variables)
        assert found.result.status == 0, found.result
        return found
    return look


@pytest.fixture
def told(native_launcher, tmp_path):
    """told(objects, "open plain", …): the lines that the program writes."""
    def told(objects, *orders, **variables):
        command = native_launcher.command(objects.program, *objects.words(*orders), folder=tmp_path)
        found = run(command, env=environment(**variables))
        assert (found.status, found.err) == (0, ""), found
        return found.out.splitlines()
    return told


def sealed_objects(found):
    """The names of the opened objects of which all that the classes `text` and `relro` mean is sealed, and nothing else;
    an object that is sealed in part is an error."""
    sealed, names = of(area for area in found.areas if area.is_sealed), set()
    for each in loaded_objects(found.areas):
        if not os.path.basename(each.path).startswith("lib") or "/objects" not in each.path:
            continue
        missing = shown(without(each.never_writable() + each.relro(), sealed))
        here = [area for area in found.areas if area.name == each.path and area.is_sealed]
        assert missing == [] or not here, f"{each.path} is sealed in part"
        if not missing:
            names.add(os.path.basename(each.path)[len("lib"):-len(".so")])
    return names


def beginning(name, verdict):
    return f"{name} begins: {ANSWERS[verdict]}"


def test_under_musl_which_unloads_nothing_every_object_is_sealed(with_musl, look):
    found = look(with_musl, "open other", "open needing", "close other")
    assert sealed_objects(found) == {"other", "needing", "needed"}


def test_an_object_that_can_be_closed_is_not_sealed(with_glibc, look):
    objects = with_glibc
    found = look(objects, "open plain")
    assert sealed_objects(found) == set()
    lines = [entry for entry in found.trace.plan if entry.object == str(objects.path("plain"))]
    assert {(entry.seal_class, entry.verdict, entry.reason) for entry in lines} == {("dlopen", "left", "class is off")}


def test_an_object_opened_with_nodelete_is_sealed_with_what_it_needs_and_nothing_else(with_glibc, look):
    found = look(with_glibc, "open other", "nodelete needing", "open plain")
    assert sealed_objects(found) == {"needing", "needed"}


def test_an_object_that_asks_for_it_is_sealed(objects, look):
    assert sealed_objects(look(objects, "open kept")) == {"kept"}


def test_a_sealed_object_stays_when_it_is_closed(objects, look):
    found = look(objects, "nodelete needing", "close needing", "open kept", "close kept")
    assert sealed_objects(found) == {"needing", "needed", "kept"}


def test_an_object_is_sealed_when_it_can_leave_no_more(objects, look):
    found = look(objects, "open needing", "nodelete needing")
    assert sealed_objects(found) == {"needing", "needed"}


def test_what_was_opened_before_is_sealed_when_one_that_stays_needs_it(objects, look):
    found = look(objects, "open needed", "nodelete needing", "close needed")
    assert sealed_objects(found) == {"needing", "needed"}


def test_the_class_dlopen_seals_and_keeps_every_object(objects, look):
    found = look(objects, "open needing", "open plain", "close needing", "close plain", LDSEAL="+dlopen")
    assert sealed_objects(found) == {"needing", "needed", "plain"}


def test_a_policy_of_nothing_seals_no_opened_object(objects, look):
    assert sealed_objects(look(objects, "nodelete plain", "open kept", LDSEAL="off")) == set()


def test_each_class_is_left_out_as_at_start(objects, look):
    found = look(objects, "nodelete plain", LDSEAL="-text")
    (plain,) = [each for each in loaded_objects(found.areas) if each.path == str(objects.path("plain"))]
    sealed = of(area for area in found.areas if area.is_sealed)
    assert without(plain.relro(), sealed) == []
    assert shown(without(plain.never_writable(), sealed)) == shown(plain.never_writable())


def test_what_is_sealed_is_what_the_lines_say(objects, look):
    found = look(objects, "open plain", "nodelete needing", "open kept")
    sealed = of(area for area in found.areas if area.is_sealed)
    assert shown(of(entry for entry in found.trace.plan if entry.is_sealed)) == shown(sealed)
    assert re.fullmatch(r"\d+ ranges sealed in \d+ calls", found.trace.summary)


def test_no_attack_on_opened_objects_does_more_than_linux_lets_through(with_glibc, look):
    found = look(with_glibc, "nodelete needing", attacks=True)
    spans = of(area for area in found.areas if area.name == str(with_glibc.path("needing")) and area.is_sealed)
    assert any(attempt.start == start for attempt in found.attempts for start, _ in spans), "it was attacked"
    assert [str(attempt) for attempt in unexpected(found.attempts)] == []


def test_objects_are_sealed_before_their_constructors(objects, told):
    lines = told(objects, "open plain", "nodelete needing", "open kept")
    assert [line for line in lines if " begins: " in line] == [
        beginning("plain", "sealed" if objects.never_leave else "left"), beginning("needed", "sealed"),
        beginning("needing", "sealed"), beginning("kept", "sealed")]


def test_require_refuses_an_object_that_cannot_be_sealed_and_nothing_of_it_stays(with_glibc, told):
    lines = told(with_glibc, "refuse", "nodelete needing", "mapped needing", "mapped needed", "open plain", LDSEAL="require")
    refusal, rest = lines[1], lines[2:]
    reason = f"memory cannot be sealed, as the policy requires: {LATER_FILTER}"
    assert re.fullmatch(rf"nodelete libneeding\.so: /\S+\.so: {reason}", refusal), refusal
    assert rest == ["mapped libneeding.so: no", "mapped libneeded.so: no", beginning("plain", "left"),
                    "open libplain.so: opened"]


def test_what_is_left_in_another_namespace_is_told(with_glibc, look):
    found = look(with_glibc, "apart needing")
    told = of(entry for entry in found.trace.plan if entry.reason == "in another namespace")
    for name in ("needing", "needed"):
        (each,) = [each for each in loaded_objects(found.areas) if each.path == str(with_glibc.path(name))]
        assert shown(without(each.never_writable() + each.writable(), told)) == []
    assert shown(without(told, of(area for area in found.areas if not area.is_sealed))) == []


def test_require_refuses_another_namespace_and_nothing_of_it_stays(with_glibc, told):
    lines = told(with_glibc, "apart plain", "mapped plain", LDSEAL="require")
    assert lines == [f"apart libplain.so: {with_glibc.path('plain')}: cannot be opened: another namespace is not sealed, "
                     "and the policy says `require`", "mapped libplain.so: no"]


def test_under_a_filter_that_came_later_the_trace_calls_no_opened_object_sealed(with_glibc, look):
    found = look(with_glibc, "refuse", "nodelete plain")
    lines = [entry for entry in found.trace.plan if entry.object == str(with_glibc.path("plain"))]
    assert {entry.verdict for entry in lines} <= {"left"}
    assert LATER_FILTER in str(found.trace), found.trace


def test_a_filter_that_came_later_and_kills_kills_nothing(with_glibc, told):
    lines = told(with_glibc, "kill", "nodelete plain", "open kept")
    assert lines[1:] == [beginning("plain", "left"), "nodelete libplain.so: opened",
                         beginning("kept", "left"), "open libkept.so: opened"]


def test_require_refuses_to_keep_an_object_for_good_that_cannot_be_sealed(with_glibc, told):
    lines = told(with_glibc, "open plain", "refuse", "nodelete plain", "close plain", "mapped plain", LDSEAL="require")
    assert "cannot be sealed, as the policy requires" in lines[3]
    assert lines[4:] == ["close libplain.so: closed", "mapped libplain.so: no"]


def test_without_require_an_object_that_cannot_be_sealed_is_opened(with_glibc, told):
    lines = told(with_glibc, "refuse", "nodelete plain")
    assert lines[1:] == [beginning("plain", "left"), "nodelete libplain.so: opened"]


def test_opened_objects_are_sealed_again_with_the_rest(with_glibc, told):
    """One range is refused, so that the answer tells whether it was asked for."""
    assert told(with_glibc, "nodelete plain", "reseal")[2:] == ["reseal : Success"]
    assert told(with_glibc, "nodelete plain", "feign", "reseal")[3:] == ["reseal : Success"], "the seals of before hold"
    lines = told(with_glibc, "nodelete plain", "refuse-at plain", "reseal")
    assert lines[2:] == ["refuse-at libplain.so: refused from here on", f"reseal : {os.strerror(errno.ENOMEM)}"]


def test_code_that_cannot_be_read_is_left_and_the_rest_is_sealed(objects, look):
    found = look(objects, "nodelete unreadable")
    lines = [entry for entry in found.trace.plan if entry.object == str(objects.path("unreadable"))]
    assert {(entry.verdict, entry.reason) for entry in lines if "x" in entry.permissions} == {("left", "unreadable")}
    assert {entry.seal_class for entry in lines if entry.is_sealed} == {"text", "relro"}


def test_require_refuses_an_object_with_code_that_cannot_be_read_before_anything_of_it_is_sealed(with_glibc, told):
    lines = told(with_glibc, "nodelete unreadable", "mapped unreadable", LDSEAL="require")
    refusal = r"text cannot be sealed, as the policy requires: it is not readable at address 0x[0-9a-f]+"
    assert re.fullmatch(rf"nodelete libunreadable\.so: /\S+\.so: {refusal}", lines[0])
    assert lines[1:] == ["mapped libunreadable.so: no"]
