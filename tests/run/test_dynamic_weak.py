"""LD_DYNAMIC_WEAK (ld.so(8)): a strong definition anywhere overrides a weak one before it. Without it the first counts."""

import pytest
from laboratory import Laboratory
from sources import sources_of

CASES = sources_of(__file__)


def build(lab):
    libraries = [lab.library("libweak.so", source=CASES / "libweak.c"),
                 lab.library("libstrong.so", source=CASES / "libstrong.c")]
    lab.library("liblater.so", source=CASES / "liblater.c")
    flags = [f"-Wl,-rpath,{lab.folder}", "-rdynamic", "-Wl,-z,now"]
    return lab.program("program", libraries, source=CASES / "program.c", flags=flags, compile=["-fno-builtin"])


@pytest.mark.parametrize("variable, which", [({}, 1), ({"LD_DYNAMIC_WEAK": "1"}, 2), ({"LD_DYNAMIC_WEAK": ""}, 2)])
def test_a_weak_definition_gives_way_only_if_that_is_asked_for(glibc_lab, variable, which):
    found = glibc_lab.same(build(glibc_lab), **variable)
    assert found.status == 0
    assert f"weak before strong: {which}\n" in found.stdout
    assert f"libc calls the program's malloc: {2 - which}\n" in found.stdout


def test_musl_knows_no_such_variable(tmp_path):
    lab = Laboratory(tmp_path, "x86_64", "musl")
    program = build(lab)
    plain, asked = lab.run(program), lab.run(program, LD_DYNAMIC_WEAK="1")
    assert plain.stdout == asked.stdout and "weak before strong: 1\n" in plain.stdout
