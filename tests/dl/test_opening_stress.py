"""Eight threads open, close, look up, walk, throw, use TLS and start threads: no crash, no wrong answer, no growth."""

import dataclasses

import own_dlopen
import pytest
from openings.common import opening
from process import environment, run
from sources import sources_of
from workshop import builder, places
from workshop.recipe import Library
from workshop.toolchain import Toolchain

_CASES = sources_of(__file__)

SHORT, LONG = 5, 60

PROGRAM = _CASES / "stress.c"
LIBRARIES = (
    Library("below", "int below(void) { return 5; }\n"),
    *(Library(f"guest{n}", f"""
#include <stdlib.h>
static __thread int own[{n * 3000 + 1}] = {{{n * 100}}};
static void *memory;
__attribute__((constructor)) static void begin(void) {{ memory = malloc(500); }}
__attribute__((destructor)) static void end(void) {{ free(memory); }}
int guest(void) {{ return ++own[0]; }}
""", needs=("below",)) for n in range(6)),
    Library("host", """
static __thread int count = 50;
int host(void) { return 77; }
int next(void) { return ++count; }
int passes(int (*function)(int), int argument) { return function(argument) + 1; }
""", compile=("-fexceptions",)))

IN_CPLUSPLUS = opening("stress", PROGRAM, *LIBRARIES, language="c++")
IN_C = opening("stress in C", PROGRAM, *LIBRARIES)
SANITIZED = dataclasses.replace(IN_CPLUSPLUS, name="stress under AddressSanitizer",
                                compile=("-fsanitize=address", "-g"), link=("-fsanitize=address", "-pthread"))
WANTED = "no growth of memory: yes\nno growth of mappings: yes\n" + 7 * "done: yes\n" + "wrong: 0\n"
GROWTH = 8192  # KiB: what stacks and heaps of threads that come and go may still take
MUCH = 1 << 30  # where resident memory says nothing: an emulator's, or a quarantine's, which also takes mappings
MAPPINGS = 200  # those of threads that come and go


def built(recipe, libc, machine):
    try:
        return builder.build(recipe, Toolchain(libc, machine, "gcc", "gnu"))
    except places.RootUnavailable as reason:
        pytest.skip(str(reason))


def stress(program, seconds, limit, before=(), mappings=MAPPINGS):
    # By the path of all: the sanitizer's dlopen stands between, so it is the caller whose RUNPATH counts.
    libraries = {"LD_LIBRARY_PATH": program.parents[1] / "lib"}
    if before[:2] == ("qemu-aarch64", "-L"):  # not for the emulator itself
        before, libraries = (*before, "-E", f"LD_LIBRARY_PATH={libraries['LD_LIBRARY_PATH']}"), {}
    words = [*before, program, str(seconds), str(limit), str(mappings)]
    result = run(words, timeout=seconds * 3 + 60, env=environment(**libraries))
    assert (result.status, result.out) == (0, WANTED), result


def emulated(libc):
    return "qemu-aarch64", "-L", str(places.system_folder(libc, "aarch64"))


def newer_glibc(libraries):
    """glibc before 2.39 mixes up descriptors when module numbers are used again (bug 29039): it cannot be asked."""
    try:
        newer = places.root("glibc-trixie-arm64")
    except places.RootUnavailable as reason:
        pytest.skip(str(reason))
    return "qemu-aarch64", newer.loader, "--library-path", f"{newer.library_path}:{libraries}"


both_libcs = pytest.mark.parametrize("recipe, libc", [(IN_CPLUSPLUS, "glibc"), (IN_C, "musl")], ids=["glibc", "musl"])
short_and_long = pytest.mark.parametrize("seconds", [SHORT, pytest.param(LONG, marks=[pytest.mark.slow, pytest.mark.long])])


@both_libcs
def test_stress_passes_under_libcs_own_loader(recipe, libc):
    stress(built(recipe, libc, "x86_64").normal, SHORT, GROWTH)


def test_stress_passes_under_musls_own_loader_on_aarch64():
    stress(built(IN_C, "musl", "aarch64").normal, SHORT, MUCH, before=emulated("musl"))


def test_stress_passes_under_a_newer_glibcs_own_loader_on_aarch64():
    program = built(IN_CPLUSPLUS, "glibc", "aarch64").normal
    stress(program, SHORT, MUCH, before=newer_glibc(program.parents[1] / "lib"))


@short_and_long
@both_libcs
def test_stress_passes_by_interpreter(recipe, libc, seconds):
    own_dlopen.require("x86_64")
    stress(built(recipe, libc, "x86_64").sealed, seconds, GROWTH)


@both_libcs
def test_stress_passes_by_command(recipe, libc):
    own_dlopen.require("x86_64")
    stress(built(recipe, libc, "x86_64").normal, SHORT, GROWTH, before=(places.loader_under_test("x86_64"),))


@both_libcs
def test_stress_passes_on_aarch64(recipe, libc):
    own_dlopen.require("aarch64")
    stress(built(recipe, libc, "aarch64").sealed, SHORT, MUCH, before=emulated(libc))


def test_stress_under_the_address_sanitizer_passes_under_libcs_own_loader():
    stress(built(SANITIZED, "glibc", "x86_64").normal, SHORT, MUCH, mappings=MUCH)


@short_and_long
def test_stress_passes_under_the_address_sanitizer(seconds):
    own_dlopen.require("x86_64")
    stress(built(SANITIZED, "glibc", "x86_64").sealed, seconds, MUCH, mappings=MUCH)
