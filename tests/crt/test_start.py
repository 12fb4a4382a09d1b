"""Programs that seal themselves do what they do: every libc, compiler, linker and form, on both machines."""

import shutil
import signal

import pytest

import crt_programs
from address_ranges import of, shown
from crt_programs import SOURCES, compile_sealed, compile_with_glibc_by_hand, run_program
from loaders import emulator, loader
from process import run
from seal_tools import inspect

WITH_LIBC = ("words: 2 last\nrelocated: 7 99\nthreads: 41 0\nconstructed: 7\nchosen: 3\nvariable: a value\n"
             "destructor\n")
ALONE = ("word: last\nrelocated: 7\ndistance: 99\ninitialised: 41\nzero: 0\nmisaligned: 0\nconstructed: 7\nchosen: 3\n"
         "undefined: 0\nvariable: GIVEN=a value\n")
SAID = {"glibc": WITH_LIBC, "musl": WITH_LIBC, "none": ALONE}
SOURCE = {"glibc": "hello.c", "musl": "hello.c", "none": "alone.c"}

COMPILERS = {"gcc": (), "clang": ("--compiler=clang",)}
FORMS = {"pie": (), "fixed": ("-static",)}
LINKERS = {"bfd": ("-fuse-ld=bfd",), "lld": ("-fuse-ld=lld",), "gold": ("-fuse-ld=gold",),
           "lld with RELR": ("-fuse-ld=lld", "-Wl,--pack-dyn-relocs=relr"),
           "bfd with sections collected": ("-fuse-ld=bfd", "-ffunction-sections", "-Wl,--gc-sections"),
           "lld with sections collected": ("-fuse-ld=lld", "-ffunction-sections", "-Wl,--gc-sections")}

LINKED = [(form, linker) for form in FORMS for linker in LINKERS if (form, linker) != ("pie", "gold")]  # it has none

# A cross gcc finds no lld.
ON_AARCH64 = [("gcc", "bfd"), ("clang", "bfd"), ("clang", "lld"), ("clang", "lld with RELR")]


def hello(folder, libc, *flags, machine="x86_64"):
    return compile_sealed(folder / "program", SOURCES / SOURCE[libc], "-DIFUNC", *flags, libc=libc, machine=machine)


def said_by(program, machine="x86_64"):
    """Status and outputs, in an environment of one variable. An emulator gives the program its own."""
    words = [program, "last"] if machine == "x86_64" else [shutil.which(f"qemu-{machine}"), program, "last"]
    result = run(words, env={"GIVEN": "a value"}, timeout=60)
    return result.status, result.out, result.err


@pytest.mark.parametrize("form, linker", LINKED)
@pytest.mark.parametrize("compiler", COMPILERS.values(), ids=COMPILERS)
@pytest.mark.parametrize("libc", SAID)
def test_a_program_starts_as_its_libc_starts_it(libc, compiler, form, linker, tmp_path):
    assert said_by(hello(tmp_path, libc, *compiler, *FORMS[form], *LINKERS[linker])) == (3, SAID[libc], "")


@pytest.mark.parametrize("compiler, linker", ON_AARCH64)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("libc", SAID)
def test_a_program_starts_on_aarch64(libc, compiler, form, linker, tmp_path):
    program = hello(tmp_path, libc, *COMPILERS[compiler], *form, *LINKERS[linker], machine="aarch64")
    assert said_by(program, "aarch64") == (3, SAID[libc], "")


@pytest.mark.parametrize("libc", ["glibc", "musl"])
def test_functions_with_a_stack_protector_run_once_libc_is_up(libc, tmp_path):
    program = compile_sealed(tmp_path / "program", SOURCES / "hello.c", "-fstack-protector-all", libc=libc)
    assert said_by(program) == (3, WITH_LIBC, "")


PROTECTED = """
static int failed;
void __stack_chk_fail(void) { failed = 1; }
static unsigned long guard(void) { unsigned long word; __asm__("mov %%fs:0x28, %0" : "=r"(word)); return word; }
int main(void) { volatile char text[32]; text[0] = 1; return failed || guard() == 0 ? 1 : text[0] + 6; }
"""


def test_a_program_without_libc_has_a_guard_of_its_own(tmp_path):
    (tmp_path / "protected.c").write_text(PROTECTED)
    program = compile_sealed(tmp_path / "program", tmp_path / "protected.c", "-fstack-protector-all", libc="none")
    assert run([program]).status == 7


PLACE = """
__asm__(".text\\n.globl place\\n.hidden place\\nplace:\\n  mov w0, #6\\n  ret");
__attribute__((visibility("hidden"))) int place(void);
int main(void) { int (*volatile function)(void) = place; return function(); }
"""
MARKS = {"without landing pads": (["-mbranch-protection=none"], 6),
         "with landing pads": (["-mbranch-protection=standard", "-Wl,-z,force-bti,--fatal-warnings"], -signal.SIGILL)}


@pytest.mark.parametrize("flags, status", MARKS.values(), ids=MARKS)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_landing_pads_are_checked_where_all_code_has_them(form, flags, status, tmp_path):
    (tmp_path / "place.c").write_text(PLACE)
    program = compile_sealed(tmp_path / "program", tmp_path / "place.c", *form, *flags, libc="none", machine="aarch64")
    for command in ([program], [loader("aarch64"), program]):
        result = run([*emulator("aarch64"), "-cpu", "max", *command])
        assert result.status == status, result


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("compiler", COMPILERS.values(), ids=COMPILERS)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_exceptions_threads_and_streams_of_static_cpp_work(form, compiler, machine, tmp_path):
    program = compile_sealed(tmp_path / "program", SOURCES / "everything.cc", "-std=c++20", *compiler, *form,
                             machine=machine)
    result = run_program(program, machine=machine, timeout=60)
    assert (result.status, result.out, result.err) == (
        4, "caught at the bottom, 6 unwound\ncounted 8000\nasynchronous -1\nvirtual 4, constructed 2\n", "")


@pytest.mark.parametrize("name", ["multicall", "multicall of musl"])
def test_a_program_of_many_names_works_by_each_of_them(name, built, tmp_path):
    program = built(name)
    for part in ("echo", "pipe", "date"):
        (tmp_path / part).symlink_to(program)
    assert run([tmp_path / "date", "86400"]).out == "1970-01-02 00:00:00\n"
    words = "echo pear / upper".split()
    assert run([tmp_path / "pipe", *words]).out == "PEAR\n"
    lines = "pear\napple\nfig\n"
    result = run([tmp_path / "pipe", *"grep p / sort / upper".split()], stdin=lines)
    assert (result.status, result.out, result.err) == (0, "APPLE\nPEAR\n", "")


@pytest.mark.parametrize("entry", [(), ("-Wl,-e,ldseal_start",)], ids=["glibc's entry", "our entry"])
def test_a_program_that_a_loader_starts_says_that_it_is_linked_wrongly(entry, tmp_path):
    program = compile_with_glibc_by_hand(tmp_path / "program", SOURCES / "hello.c", "-pie", *entry)
    told = f"ld-seal: {program}: names a loader in PT_INTERP: only a static program seals itself\n"
    for command in ([program], [loader("x86_64"), program]):
        result = run(command)
        assert (result.status, result.out, result.err) == (127, "", told)


RUST_TARGET = "x86_64-unknown-linux-gnu"


def test_a_static_rust_program_works_and_is_sealed(attack, tmp_path):
    rustc = shutil.which("rustc")
    if rustc is None:
        pytest.skip("rustc is missing")
    done = run([rustc, "--edition=2021", "--target", RUST_TARGET, "-C", "target-feature=+crt-static", "-C",
                f"link-arg={crt_programs.objects() / 'glibc.o'}", SOURCES / "hello.rs", "-o", tmp_path / "hello"],
               timeout=300)
    assert done.status == 0, done
    found = inspect(attack, [tmp_path / "hello", "a", "b"], tmp_path)
    assert (found.result.status, found.result.out) == (0, 'total 10, caught true, words {0: "a", 1: "b"}\n'), found.result
    assert shown(of(area for area in found.areas if area.is_sealed)) == shown(
        of(entry for entry in found.trace.plan if entry.is_sealed))
    assert found.trace.summary.endswith(" calls"), found.trace.summary
