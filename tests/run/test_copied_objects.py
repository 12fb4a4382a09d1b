"""The program copies an object that its own libc had and the libc of this machine lacks: ld-seal says so in one line."""

import pytest
from loaders import loader
from process import environment, run

LIBC = "int absent = 5, newer = 6;\nvoid __libc_start_main(void) {}\n"
VERSIONS = "GLIBC_2.2.5 { global: absent; };\nGLIBC_2.34 { global: __libc_start_main; };\nGLIBC_2.99 { global: newer; };\n"
SYSTEMS_LIBC = "/lib/x86_64-linux-gnu/libc.so.6"


def call(*command):
    done = run(command, timeout=60)
    assert done.status == 0, done


@pytest.fixture
def program(tmp_path):
    """Builds a program that copies the object of this name out of a libc of the test's own."""
    def build(name):
        (tmp_path / "libc.c").write_text(LIBC)
        (tmp_path / "versions.map").write_text(VERSIONS)
        (tmp_path / "program.c").write_text(f"extern int {name};\nint main(void) {{ return {name}; }}\n")
        libc = tmp_path / "libc.so.6"
        call("gcc", "-shared", "-fPIC", "-nostdlib", "-Wl,-soname,libc.so.6",
             f"-Wl,--version-script={tmp_path / 'versions.map'}", "-o", libc, tmp_path / "libc.c")
        call("gcc", "-o", tmp_path / name, tmp_path / "program.c", libc, "-Wl,--allow-shlib-undefined")
        return tmp_path / name
    return build


def refusal(program):
    result = run([loader("x86_64"), program], env=environment())
    assert (result.status, result.out) == (127, ""), result
    return result.err


def test_an_object_that_libc_lacks_is_told_in_one_line(program):
    absent = program("absent")
    assert refusal(absent) == f"ld-seal: {absent}: undefined symbol: absent, version GLIBC_2.2.5\n"


def test_a_version_that_libc_lacks_is_told_in_one_line(program):
    newer = program("newer")
    assert refusal(newer) == f"ld-seal: {newer}: needs version GLIBC_2.99, which {SYSTEMS_LIBC} does not define\n"
