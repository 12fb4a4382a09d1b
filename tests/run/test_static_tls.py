"""How much initial-exec thread-local storage an object may have that is opened later."""

import pytest
from sources import sources_of

SOURCES = sources_of(__file__)
OF_JEMALLOC = 2632  # Debian's libjemalloc.so.2


@pytest.fixture
def uses(glibc_lab):
    program = glibc_lab.program("program", source=SOURCES / "program.c")

    def try_one(size, loader=None, **environment):
        library = glibc_lab.library(f"lib{size}.so", source=SOURCES / "libstatic.c", flags=["-Wl,-z,now"],
                                    compile=[f"-DSIZE={size}"])
        return glibc_lab.run(program, library, size, loader=loader, **environment).stdout

    return try_one


def test_there_is_room_for_what_jemalloc_has(uses):
    assert uses(OF_JEMALLOC) == "used\n"


@pytest.mark.parametrize("tunables", [
    "glibc.rtld.optional_static_tls=8000", "glibc.rtld.optional_static_tls=0x2000",
    "glibc.malloc.arena_max=1:glibc.rtld.optional_static_tls=8000"])
def test_glibcs_tunable_makes_more_room(uses, glibc_lab, tunables):
    for loader in (glibc_lab.theirs, glibc_lab.ours):
        assert uses(8000, loader) == "refused\n"
        assert uses(8000, loader, GLIBC_TUNABLES=tunables) == "used\n"
