"""The start objects fit into any static program: they need nothing, change nothing and take little room."""

import re

import pytest

from crt_programs import SOURCES, compile_sealed, libc_options, objects, wrapper
from loaders import MACHINES
from process import run

# What each takes from the program, its libc or its linker. In brackets: may be missing.
OF_LINKERS = {"__ehdr_start", "(__rela_iplt_end)", "(__rela_iplt_start)"}
NEEDED = {
    "glibc": {"__ehdr_start", "_start"},
    "musl": {*OF_LINKERS, "__libc_start_main", "main"},
    "none": {*OF_LINKERS, "(__init_array_end)", "(__init_array_start)", "main"},
}
ENTRY = {"glibc": "ldseal_start", "musl": "_start", "none": "_start"}
# On aarch64 functions begin with a landing pad and sign their return addresses.
LARGEST = {"x86_64": 28 * 1024, "aarch64": 30 * 1024}
PROPERTIES = {"x86_64": "x86 feature: IBT, SHSTK", "aarch64": "AArch64 feature: BTI, PAC"}
# A whole address in eight bytes: it would have to be relocated before the code that relocates can run.
ABSOLUTE = {"x86_64": r"R_X86_64_64\b", "aarch64": r"R_AARCH64_ABS64\b"}
THROUGH_A_TABLE = {"x86_64": "GOTPCREL", "aarch64": "ADR_GOT_PAGE"}


@pytest.fixture(params=MACHINES)
def machine(request):
    return request.param


@pytest.fixture(params=NEEDED)
def name(request):
    return request.param


@pytest.fixture
def path(name, machine):
    path = objects(machine) / f"{name}.o"
    assert path.exists(), f"{path} is not built: run tools/build"
    return path


def told(*command):
    result = run(command)
    assert result.status == 0, result
    return result.out


def symbols(path):
    return [(line.split()[-2], line.split()[-1]) for line in told("nm", path).splitlines()]


def test_it_needs_only_what_every_program_has(path, name):
    undefined = {f"({symbol})" if kind in "wv" else symbol for kind, symbol in symbols(path) if kind in "wvU"}
    assert undefined == NEEDED[name]


def test_it_has_no_section_groups(path):
    """Of two groups of one name a linker keeps one, and in the objects the names of theirs are local."""
    assert "no section groups" in told("readelf", "--section-groups", path)


def test_it_defines_for_others_only_its_entry_and_the_public_function(path, name):
    defined = {symbol for kind, symbol in symbols(path) if kind.isupper() and kind != "U"} | {
        symbol for kind, symbol in symbols(path) if kind in "WV"}
    assert defined == {"ldseal_reseal", ENTRY[name]}


def relocations(path):
    """(section, type, symbol) of each."""
    section, found = "", []
    for line in told("readelf", "-rW", path).splitlines():
        if header := re.match(r"Relocation section '\.rela([^']*)'", line):
            section = header[1]
        elif entry := re.match(r"[0-9a-f]{16}  [0-9a-f]{16} (\S+) +[0-9a-f]{16} (\S+)", line):
            found.append((section, entry[1], entry[2]))
    assert found
    return found


def test_nothing_in_it_must_be_relocated_before_it_runs(path, machine):
    """But for what glibc itself calls it by, which it relocates before."""
    absolute = [each for each in relocations(path) if re.match(ABSOLUTE[machine], each[1])]
    assert [each for each in absolute if each[0] != ".preinit_array"] == []


def test_only_what_may_be_missing_is_found_through_a_table(path, name, machine):
    through_a_table = {symbol for _, kind, symbol in relocations(path) if THROUGH_A_TABLE[machine] in kind}
    assert through_a_table <= {each.strip("()") for each in NEEDED[name] if each.startswith("(")}


def test_it_keeps_the_processors_protections_of_a_program(path, machine):
    assert PROPERTIES[machine] in told("readelf", "-nW", path)


def test_it_asks_for_no_executable_stack(path):
    stack = [line for line in told("readelf", "-SW", path).splitlines() if ".note.GNU-stack" in line]
    assert len(stack) == 1 and " X " not in stack[0]


def sizes(path):
    """(in the file, in memory alone)"""
    text, data, bss = map(int, told("size", path).splitlines()[1].split()[:3])
    return text + data, bss


def test_it_is_small(path, machine):
    in_file, in_memory = sizes(path)
    assert in_file <= LARGEST[machine]
    assert in_memory <= 1024


@pytest.mark.parametrize("form", [(), ("-static",)], ids=["pie", "fixed"])
def test_a_program_with_glibc_grows_by_little(machine, form, tmp_path):
    # Around the erratum of a processor GNU ld puts code in a page of its own, where that is met with: by chance.
    compiler, flags = {"x86_64": ("gcc", []),
                       "aarch64": ("aarch64-linux-gnu-gcc", ["-mno-fix-cortex-a53-843419"])}[machine]
    source, plain = SOURCES / "hello.c", tmp_path / "plain"
    sealed = compile_sealed(tmp_path / "sealed", source, *form, *flags, machine=machine)
    told(compiler, "-O1", "-fPIE", source, *(form or ("-static-pie",)), *flags, "-Wl,-z,relro,-z,now", "-o", plain)
    assert sizes(sealed)[0] - sizes(plain)[0] <= LARGEST[machine]


def test_it_disturbs_no_name_of_the_program(machine, tmp_path):
    """A program may have what is ours inside: memory functions that trap, and our own name space."""
    source = tmp_path / "own.c"
    source.write_text("void *memset(void *to, int value, unsigned long n) { (void)to, (void)value, (void)n; __builtin_trap(); }\n"
                      "int _ZN6ldseal4failERKNS_5ErrorE = 1, ldseal_start = 2;\n"
                      "int main(void) { return _ZN6ldseal4failERKNS_5ErrorE + ldseal_start; }\n")
    command = [wrapper("c", machine), *libc_options("none", machine), "-ffreestanding", "-fno-stack-protector", source,
               "-o", tmp_path / "own"]
    told(*command)
    emulator = [] if machine == "x86_64" else [f"qemu-{machine}"]
    assert run([*emulator, tmp_path / "own"]).status == 3
