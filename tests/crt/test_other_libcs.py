"""Static programs with the glibc and the musl of other Debian suites: when glibc protects RELRO is its own affair."""

from pathlib import Path

import pytest

from address_ranges import of, shown
from crt_programs import SOURCES, compile_sealed, objects
from process import run
from roots import RootUnavailable, packages_root, root
from seal_tools import inspect

SUITES = ("trixie", "sid")
TRIPLE = "x86_64-linux-gnu"


def fetched(fetch, *words):
    try:
        return fetch(*words)
    except RootUnavailable as reason:
        pytest.skip(str(reason))


def assert_sealed(attack, program, folder):
    found = inspect(attack, [program, "word"], folder)
    assert found.result.status == 3 and found.result.out.startswith("words: 2 word\nrelocated: 7 99\n"), found.result
    sealed = of(area for area in found.areas if area.is_sealed)
    assert shown(sealed) == shown(of(entry for entry in found.trace.plan if entry.is_sealed))
    assert {entry.seal_class for entry in found.trace.plan if entry.is_sealed} == {"text", "relro", "system"}


@pytest.mark.parametrize("entry", [("-Wl,-e,ldseal_start",), ()], ids=["with its entry", "without"])
@pytest.mark.parametrize("form", [("-static-pie", "rcrt1.o", "crtbeginS.o", "crtendS.o"),
                                  ("-static", "crt1.o", "crtbeginT.o", "crtend.o")], ids=["pie", "fixed"])
@pytest.mark.parametrize("suite", SUITES)
def test_a_program_with_a_newer_glibc_is_sealed(suite, form, entry, attack, tmp_path):
    place = fetched(packages_root, f"glibc-dev-{suite}", suite, "amd64", ["libc6-dev"])
    (library,) = [path.parent for path in place.path.rglob(f"{TRIPLE}/libc.a")]
    gcc = Path(run(["gcc", "-print-libgcc-file-name"]).out.strip()).parent
    how, start, begin, end = form
    command = ["gcc", "-O1", "-DIFUNC", "-fPIE", how, "-nostdlib", "-Wl,-z,relro,-z,now", *entry, library / start,
               library / "crti.o", gcc / begin, objects() / "glibc.o", SOURCES / "hello.c", "-Wl,--start-group",
               library / "libc.a", "-lgcc", "-lgcc_eh", "-Wl,--end-group", gcc / end, library / "crtn.o", "-o",
               tmp_path / "hello"]
    done = run(command, timeout=120)
    assert done.status == 0, done
    assert_sealed(attack, tmp_path / "hello", tmp_path)


@pytest.mark.parametrize("form", [(), ("-static",)], ids=["pie", "fixed"])
@pytest.mark.parametrize("suite", SUITES)
def test_a_program_with_a_newer_musl_is_sealed(suite, form, attack, tmp_path):
    musl = fetched(root, f"musl-{suite}")
    program = compile_sealed(tmp_path / "hello", SOURCES / "hello.c", f"--musl={musl.path}", "-DIFUNC", *form, libc="musl")
    assert_sealed(attack, program, tmp_path)
