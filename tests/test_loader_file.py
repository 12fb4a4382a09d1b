"""The built loader has the shape that a program interpreter must have: it stands alone from its first instruction."""

import os

import pytest

import elf_file
from elf_file import ElfFile
from loaders import BUILDS, PROJECT
from process import run

PAGE = os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def file(loader):
    return ElfFile(loader)


def tags(file):
    return {tag for tag, _ in file.dynamic()}


def test_it_is_a_shared_object_for_its_machine(file, machine):
    assert (file.type, file.machine) == (elf_file.ET_DYN, machine)


def test_its_soname_is_its_file_name(file, machine):
    assert file.text(file.dynamic_value(elf_file.DT_SONAME)) == f"ld-seal-{machine}.so.1"


def test_it_has_only_relative_relocations(file, machine):
    assert [found for found in file.relocations() if found.type != elf_file.RELATIVE[machine]] == []
    assert elf_file.DT_REL not in tags(file)


def test_its_variables_lie_by_how_long_they_change(loader):
    """First what is read-only but in changes, at the end what may always change, in one page (ldso/variables.lds)."""
    symbols = [line.split() for line in run(["llvm-nm", "--numeric-sort", "--print-size", loader]).out.splitlines()]
    start = next(int(words[0], 16) for words in symbols if words[-1] == "scratch_memory_end")
    end = max(int(words[0], 16) + int(words[1], 16) for words in symbols if len(words) == 4 and words[2] in "bB")
    variables = [words for words in symbols if words[-2] in "bB"]
    assert variables[0][-1] == "record_variables"
    assert start // PAGE == (end - 1) // PAGE


SHARED_SECTIONS = 20  # functions of assembly that stand beside those of a start


@pytest.mark.parametrize("machine", ["x86_64"])
def test_the_functions_of_a_start_lie_side_by_side(loader):
    """ldso/start_order.txt names them; tests/bench/order_functions makes it anew. Renamed functions may wait for that."""
    listed = [line for line in (PROJECT / "ldso/start_order.txt").read_text().splitlines() if not line.startswith("#")]
    symbols = [line.split() for line in run(["llvm-nm", "--numeric-sort", loader]).out.splitlines()]
    functions = [name for _, kind, name in symbols if kind in "tTwW"]
    there = [name for name in listed if name in functions]
    assert len(there) > 0.9 * len(listed)
    assert set(there) <= set(functions[:len(there) + SHARED_SECTIONS])


def test_it_needs_no_library(file):
    assert elf_file.DT_NEEDED not in tags(file)


def test_it_needs_no_interpreter(file):
    assert file.segments_of(elf_file.PT_INTERP) == []


def test_it_has_no_constructors_and_no_destructors(file):
    forbidden = {elf_file.DT_INIT, elf_file.DT_FINI, elf_file.DT_INIT_ARRAY, elf_file.DT_FINI_ARRAY,
                 elf_file.DT_PREINIT_ARRAY}
    assert tags(file) & forbidden == set()


def test_it_has_no_thread_local_storage(file):
    assert file.segments_of(elf_file.PT_TLS) == []
    assert file.dynamic_value(elf_file.DT_FLAGS, 0) & elf_file.DF_STATIC_TLS == 0


def test_it_leaves_no_symbol_undefined(file):
    assert [symbol.name for symbol in file.symbols() if symbol.section == 0] == []


def test_it_has_no_text_relocations(file):
    assert elf_file.DT_TEXTREL not in tags(file)
    assert file.dynamic_value(elf_file.DT_FLAGS, 0) & elf_file.DF_TEXTREL == 0


def test_it_asks_for_a_stack_that_is_not_executable(file):
    assert [segment.flags & elf_file.PF_X for segment in file.segments_of(elf_file.PT_GNU_STACK)] == [0]


def is_read_only_after_relocation(file, start, size):
    """In RELRO as far as it reaches, or in a segment that never was writable."""
    never_writable = [segment for segment in file.segments_of(elf_file.PT_LOAD) if not segment.flags & elf_file.PF_W]
    return any(segment.address <= start and start + size <= segment.address + segment.memory_size
               for segment in never_writable + file.segments_of(elf_file.PT_GNU_RELRO))


def test_every_place_that_relocation_writes_is_in_relro(file):
    """A loader without a relocation needs no RELRO."""
    places = [relocation.offset for relocation in file.relocations()] + file.relr_places()
    assert [hex(place) for place in places if not is_read_only_after_relocation(file, place, 8)] == []


def test_its_dynamic_section_is_read_only_after_relocation(file):
    (dynamic,) = file.segments_of(elf_file.PT_DYNAMIC)
    assert is_read_only_after_relocation(file, dynamic.address, dynamic.memory_size)


def test_no_segment_is_both_writable_and_executable(file):
    both = elf_file.PF_W | elf_file.PF_X
    assert [segment for segment in file.segments_of(elf_file.PT_LOAD) if segment.flags & both == both] == []


def test_it_has_no_initialised_data(file):
    """What it writes costs no page of its file."""
    assert [segment.file_size for segment in file.segments_of(elf_file.PT_LOAD) if segment.flags & elf_file.PF_W] == [0]


def test_it_has_a_gnu_hash_table(file):
    assert elf_file.DT_GNU_HASH in tags(file)


def listed_exports():
    """The names in ldso/api/exports.txt, by the file that they stand under."""
    groups, names = {}, None
    for line in (PROJECT / "ldso/api/exports.txt").read_text().splitlines():
        if line.startswith("# ") and line.endswith(".cc"):
            names = groups.setdefault(line.removeprefix("# "), [])
        elif line and not line.startswith("#"):
            names.append(line)
    return groups


def test_it_exports_exactly_the_listed_names(file):
    assert file.exports() == sorted(sum(listed_exports().values(), []))


FEATURES = {"x86_64": "x86 feature: IBT, SHSTK", "aarch64": "AArch64 feature: BTI, PAC"}
LANDING_PADS = {"x86_64": {"f30f1efa"}, "aarch64": {"5f2403d5", "3f2303d5", "df2403d5"}}  # bti c, paciasp, bti jc
REACHED_BY_ADDRESS = {"_start", "libc_rtld_done", "bind_at_first_call", "first_recorder", "second_recorder",
                      "tls_descriptor_static", "tls_descriptor_undefined_weak", "tls_descriptor_opened"}


def test_it_is_marked_for_the_processors_protections(loader, machine):
    assert FEATURES[machine] in run(["readelf", "-nW", loader]).out


def test_what_is_reached_by_its_address_begins_with_a_landing_pad(file, loader, machine):
    places = {words[-1]: int(words[0], 16) for words in map(str.split, run(["llvm-nm", loader]).out.splitlines())
              if words[1] in "tT"}
    reached = REACHED_BY_ADDRESS | places.keys() & set(file.exports())
    first = {name: file.data[file.file_offset(places[name]):][:4].hex() for name in reached}
    assert {name: code for name, code in first.items() if code not in LANDING_PADS[machine]} == {}


def defined_by(object_file):
    result = run(["llvm-nm", "--defined-only", "--extern-only", "--format=just-symbols", object_file])
    assert result.status == 0, result
    return set(result.out.split())


def test_each_exported_name_is_defined_by_the_file_that_it_is_listed_under(machine):
    objects = PROJECT / BUILDS[machine] / "ldso" / f"ld-seal-{machine}.so.1.p"
    groups = listed_exports()
    exported = set(sum(groups.values(), []))
    defined = {path: defined_by(objects / (path.replace("/", "_") + ".o")) & exported for path in groups}
    assert {path: sorted(names) for path, names in defined.items()} == \
        {path: sorted(names) for path, names in groups.items()}


def test_each_file_of_exported_functions_is_listed_with_them():
    files = {f"api/{path.name}" for path in (PROJECT / "ldso/api").glob("*.cc")}
    assert files - listed_exports().keys() == set()

