"""What is sealed of a program that seals itself: exactly the plan, all that there is to seal, and no attack undoes it."""

import pytest

from address_ranges import loaded_objects, of, shown, without
from crt_programs import PROGRAMS, SOURCES, compile_sealed, compile_with_glibc_by_hand
from expectations import unexpected
from process import run
from seal_tools import inspect, parse_smaps
from sources import sources_of
from test_attacks import assert_all_were_made

SYSTEM_MAPPINGS = ("[vdso]", "[vvar]", "[vvar_vclock]")
BEYOND_START_UP = ("[vsyscall]", "[uprobes]")


@pytest.fixture(params=PROGRAMS)
def name(request):
    return request.param


@pytest.fixture
def stopped(attack, built, name, tmp_path):
    """Each program as it is when it wants to exit."""
    return look(attack, built, name, tmp_path)


def look(attack, built, name, folder, **options):
    found = inspect(attack, [built(name), *PROGRAMS[name].words], folder, **options)
    assert found.result.status == PROGRAMS[name].status, found.result
    return found


def sealed(found):
    result = of(area for area in found.areas if area.is_sealed)
    assert result, "something is sealed"
    return result


def test_what_is_sealed_is_what_the_plan_calls_sealed(stopped):
    assert shown(sealed(stopped)) == shown(of(entry for entry in stopped.trace.plan if entry.is_sealed))


def test_the_plan_names_the_program_and_the_kernels_mappings(stopped, built, name):
    objects = {entry.object for entry in stopped.trace.plan}
    assert objects == {str(built(name)), *(area.name for area in stopped.areas if area.name in SYSTEM_MAPPINGS)}
    assert {"[vdso]", "[vvar]"} < objects


def test_everything_executable_and_the_kernels_own_is_sealed(stopped):
    wanted = [area for area in stopped.areas if area.name in SYSTEM_MAPPINGS
              or ("x" in area.permissions and area.name not in BEYOND_START_UP)]
    assert wanted
    assert [str(area) for area in wanted if not area.is_sealed] == []


def test_every_segment_that_is_never_writable_is_sealed(stopped):
    (program,) = loaded_objects(stopped.areas)
    assert shown(without(program.never_writable(), sealed(stopped))) == []


def test_every_page_of_relro_is_sealed_read_only_anonymous_and_there(stopped):
    (program,) = loaded_objects(stopped.areas)
    relro = program.relro()
    assert relro
    areas = [area for area in stopped.areas if any(start < area.end and area.start < end for start, end in relro)]
    wrong = [str(area) for area in areas if not area.is_sealed or area.permissions != "r--p" or area.inode != 0
             or area.kilobytes["Anonymous"] + area.kilobytes["Swap"] < area.kilobytes["Size"]]
    assert wrong == []


def test_nothing_writable_is_sealed(stopped):
    assert [str(area) for area in stopped.areas if area.is_sealed and area.permissions[1] == "w"] == []


def test_no_attack_on_a_sealed_area_does_more_than_linux_lets_through(attack, built, name, tmp_path):
    found = look(attack, built, name, tmp_path, attacks=True, timeout=600)
    assert_all_were_made(found)
    assert [str(attempt) for attempt in unexpected(found.attempts)] == []


def test_without_the_entry_of_its_own_the_same_is_sealed(attack, tmp_path):
    """Then RELRO is copied after glibc has relocated it, and not before."""
    program = compile_with_glibc_by_hand(tmp_path / "hello", SOURCES / "hello.c")
    found = inspect(attack, [program], tmp_path, attacks=True, timeout=600)
    assert found.result.status == 3, found.result
    assert shown(sealed(found)) == shown(of(entry for entry in found.trace.plan if entry.is_sealed))
    assert {entry.seal_class for entry in found.trace.plan if entry.is_sealed} == {"text", "relro", "system"}
    assert_all_were_made(found)
    assert [str(attempt) for attempt in unexpected(found.attempts)] == []


@pytest.mark.parametrize("libc", ["glibc", "musl"])
def test_everything_is_sealed_before_the_first_constructor(libc, attack, tmp_path):
    program = compile_sealed(tmp_path / "watched", sources_of(__file__) / "watched.c", libc=libc)
    found = inspect(attack, [program], tmp_path)
    assert found.result.status == 0, found.result
    in_constructor = of(area for area in parse_smaps(found.result.out) if area.is_sealed)
    assert shown(in_constructor) == shown(sealed(found))


RESEAL = """
#include <ldseal/reseal.h>
#include <stdio.h>
int main(void) { return ldseal_reseal == NULL ? 100 : ldseal_reseal(); }
"""


@pytest.mark.parametrize("flags", [(), ("-static",)], ids=["pie", "fixed"])
@pytest.mark.parametrize("libc", ["glibc", "musl"])
def test_a_program_can_seal_itself_again(libc, flags, tmp_path, refuse):
    (tmp_path / "again.c").write_text(RESEAL)
    program = compile_sealed(tmp_path / "again", tmp_path / "again.c", *flags, libc=libc)
    assert run([program]).status == 0
    assert run([*refuse(462, 38), program]).status == 38




@pytest.mark.parametrize("libc", ["glibc", "musl"])
def test_a_program_of_many_segments_is_sealed_whole(libc, attack, tmp_path):
    """Far more ranges than the plan of a usual program has."""
    places = {f".apart{i}": 0x10000000 + i * 0x100000 for i in range(60)}
    source = "".join(f'__attribute__((section("{name}"), used)) const int in{name[1:]} = 1;\n' for name in places)
    (tmp_path / "segments.c").write_text(f"{source}int main(void) {{ return 0; }}\n")
    program = compile_sealed(tmp_path / "segments", tmp_path / "segments.c", "-static",
                             *(f"-Wl,--section-start={name}={place:#x}" for name, place in places.items()), libc=libc)
    found = inspect(attack, [program], tmp_path)
    assert found.result.status == 0, found.result
    (object_,) = loaded_objects(found.areas)
    assert len(object_.never_writable()) >= len(places)
    assert shown(without(object_.never_writable(), sealed(found))) == []
    assert shown(sealed(found)) == shown(of(entry for entry in found.trace.plan if entry.is_sealed))
