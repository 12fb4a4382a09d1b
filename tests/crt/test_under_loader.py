"""The loader starts a static program, too: one that seals itself, and one whose start objects are libc's own."""

import shutil

import pytest

from address_ranges import of, shown, without
from crt_programs import PROGRAMS, SOURCES
from loaders import loader
from process import environment, run
from seal_tools import compile_program, inspect

SELF_SEALING = ["hello", "hello at fixed addresses", "everything", "hello of musl", "hello of musl at fixed addresses",
                "alone", "alone at fixed addresses"]


@pytest.mark.parametrize("name", SELF_SEALING)
def test_a_program_that_seals_itself_works_and_seals_its_relro(name, attack, built, tmp_path):
    program = PROGRAMS[name]
    found = inspect(attack, [loader("x86_64"), built(name), *program.words], tmp_path)
    assert found.result.status == program.status, found.result
    sealed, planned = (of(area for area in found.areas if area.is_sealed),
                       of(entry for entry in found.trace.plan if entry.is_sealed))
    assert shown(sealed) == shown(planned)
    relro = of(entry for entry in found.trace.plan if entry.seal_class == "relro" and entry.object == str(built(name)))
    assert relro and without(relro, sealed) == []


def build_stock(folder, libc, form):
    """hello.c with libc's own start objects alone."""
    flags = {"pie": ("-fPIE", "-static-pie"), "fixed": ("-fno-pie", "-no-pie", "-static")}[form]
    if libc == "glibc":
        return compile_program(folder / "hello", [SOURCES / "hello.c"], *flags)
    if shutil.which("musl-gcc") is None:
        pytest.skip("musl is missing: install musl-tools")
    musl = "/usr/lib/x86_64-linux-musl"
    start = "rcrt1.o" if form == "pie" else "crt1.o"
    return compile_program(folder / "hello", [SOURCES / "hello.c"], *flags, "-nostdinc", "-isystem",
                           "/usr/include/x86_64-linux-musl", "-nostdlib", f"{musl}/{start}", f"{musl}/crti.o",
                           f"-L{musl}", "-lc", "-lgcc", f"{musl}/crtn.o")


@pytest.mark.parametrize("form", ["pie", "fixed"])
@pytest.mark.parametrize("libc", ["glibc", "musl"])
def test_a_program_that_nobody_sealed_works_as_alone(libc, form, tmp_path):
    program = build_stock(tmp_path, libc, form)
    alone, under_it = run([program, "word"]), run([loader("x86_64"), program, "word"])
    assert alone.status == 3, alone
    assert (under_it.status, under_it.out, under_it.err) == (alone.status, alone.out, alone.err)


def test_the_loader_seals_the_text_of_a_program_that_nobody_sealed(attack, tmp_path):
    program = build_stock(tmp_path, "musl", "pie")
    found = inspect(attack, [loader("x86_64"), program], tmp_path)
    text = [area for area in found.areas if area.name == str(program) and "x" in area.permissions]
    assert text and [str(area) for area in text if not area.is_sealed] == []


def test_what_the_loader_is_told_the_program_is_told_too(built):
    result = run([loader("x86_64"), built("hello")], env=environment(LDSEAL="off", LDSEAL_DEBUG="seal"))
    assert result.err.count("not sealed: the policy is off") == 2, result
