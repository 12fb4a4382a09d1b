"""Damaged programs that the kernel has mapped before the loader sees them, and cut ones: never a signal from the loader.

The kernel checks little of what it maps. Whatever is wrong with the headers, or missing at the end of the file, the
loader says so in one line and ends with status 127, or the program runs; or the kernel itself does not start it. What
the program's or libc's own code does with wrong addresses is not the loader's: mutate.cc tells them apart by where the
signal finds the process.

Each start costs milliseconds, and there are more than ten thousand wrong headers. So the normal check tries every third
one, other ones with each way to build a program, and the long one tries all.
"""

import os
import re
import shutil
import struct
from pathlib import Path

import pytest

import loaders
from elf_file import PF_X, PT_INTERP, PT_LOAD, ElfFile, program_headers
from process import run

HERE = Path(__file__).resolve().parent
MUTATE = Path(os.environ.get("LDSEAL_BUILD", loaders.PROJECT / "build")) / "tests" / "damage" / "mutate-objects"
PROGRAM = HERE / "mapped" / "program.c"
OBSERVE = loaders.PROJECT / "tests/programs/include"
RIGHT_STATUS = 42
REFUSED = 127
PAGE = 4096
PT_PHDR = 6
RANDOM_MUTATIONS = 300
E_ENTRY, E_PHOFF = 24, 32
P_OFFSET, P_VADDR = 8, 16

# The fields of an ELF header behind e_ident and of a program header: where they are, and how many bytes they have.
ELF_HEADER = {"e_type": (16, 2), "e_machine": (18, 2), "e_version": (20, 4), "e_entry": (24, 8), "e_phoff": (32, 8),
              "e_flags": (48, 4), "e_ehsize": (52, 2), "e_phentsize": (54, 2), "e_phnum": (56, 2)}
PROGRAM_HEADER = {"p_type": (0, 4), "p_flags": (4, 4), "p_offset": (8, 8), "p_vaddr": (16, 8), "p_paddr": (24, 8),
                  "p_filesz": (32, 8), "p_memsz": (40, 8), "p_align": (48, 8)}
SHARES = pytest.mark.parametrize("share", [
    pytest.param(3, id="every third"), pytest.param(1, id="every one", marks=pytest.mark.long)])
SEEDS = [1, 2, *(pytest.param(seed, marks=pytest.mark.long) for seed in (3, 4, 5))]
TYPES = (0, 1, 2, 3, 4, 6, 7, 0x6474E551, 0x6474E552, 0x6474E553, 0xFFFFFFFF)

# How the program is built, by its name; all but the static ones name the loader as their PT_INTERP.
GLIBC = ["gcc", "-O1", PROGRAM]
NO_LIBC = ["clang", "-O1", HERE / "mapped" / "small.c", f"-I{OBSERVE}", "-nostdlib", "-ffreestanding", "-fPIE", "-pie",
           "-fuse-ld=lld", "-Wl,-e,start"]
BUILDS = {
    "glibc": [*GLIBC, "-pie", "-fPIE"],
    "glibc, full RELRO": [*GLIBC, "-pie", "-fPIE", "-Wl,-z,now"],
    "glibc, fixed address": [*GLIBC, "-no-pie", "-fno-pie"],
    "glibc, lld": ["clang", "-O1", PROGRAM, "-fuse-ld=lld", "-pie", "-fPIE"],
    "glibc, code first": [*GLIBC, "-pie", "-fPIE", "-Wl,-z,noseparate-code"],
    "musl": ["musl-gcc", "-O1", PROGRAM, "-pie", "-fPIE"],
    "no libc": NO_LIBC,
    "headers moved": [*GLIBC, "-pie", "-fPIE", "-DMOVED"],
    "headers moved, fixed address": [*GLIBC, "-no-pie", "-fno-pie", "-DMOVED"],
}
STATIC_BUILDS = {
    "static": [*GLIBC, "-static", "-no-pie", "-fno-pie"],
    "static-pie": [*GLIBC, "-static-pie", "-fPIE"],
}


@pytest.fixture(scope="module")
def loader():
    path = loaders.loader("x86_64")
    assert path.exists(), f"{path} is not built: run tools/build"
    return path


def move_headers(path):
    """Puts the program headers where the source has left room for them, as PT_PHDR says from then on."""
    data = bytearray(path.read_bytes())
    headers = [at for at, *_ in program_headers(data)]
    table = data[headers[0]:headers[-1] + 56]
    room = data.index(b"room for program headers")
    (load,) = [s for s in ElfFile(path).segments_of(PT_LOAD) if s.offset <= room < s.offset + s.file_size]
    address = room - load.offset + load.address
    struct.pack_into("<QQ", table, P_OFFSET, room, address)  # PT_PHDR is the first
    assert struct.unpack_from("<I", table)[0] == PT_PHDR
    data[room:room + len(table)] = table
    struct.pack_into("<Q", data, E_PHOFF, room)
    path.write_bytes(data)


def build(name, folder, loader):
    path = folder / "template"
    command = [*(BUILDS.get(name) or STATIC_BUILDS[name]), "-o", path]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is missing")
    if name in BUILDS:
        command.append(f"-Wl,--dynamic-linker={loader}")
    result = run(command, timeout=120)
    assert (result.status, result.err) == (0, ""), result
    if "moved" in name:
        move_headers(path)
    return path


@pytest.fixture(scope="module", params=BUILDS)
def template(request, tmp_path_factory, loader):
    """A right program, each way to build one."""
    return build(request.param, tmp_path_factory.mktemp("mapped"), loader)


@pytest.fixture(scope="module", params=[*BUILDS, *STATIC_BUILDS])
def command_template(request, tmp_path_factory, loader):
    """A right program that the loader is told to start, static ones among them."""
    return build(request.param, tmp_path_factory.mktemp("mapped"), loader)


def values_near(value, width):
    """Nothing, one, its neighbours, its page's neighbours, and what is far away; as they are stored."""
    near = [value + delta for delta in (-PAGE, -8, -1, 1, 8, 0x40, PAGE, 0x10000)]
    far = [0, 1, -1, PAGE, 0x7FFFFFFF, 1 << 46, 0x7FFFFFFFF000, 1 << 63, (1 << 64) - PAGE]
    return {v % (1 << (8 * width)) for v in near + far} - {value}


def recipe(offset, width, value):
    stored = value.to_bytes(width, "little")
    return ",".join(f"{offset + i}={byte}" for i, byte in enumerate(stored))


def header_recipes(data):
    """Every field of the ELF header and of each program header, changed to every value that may matter."""
    fields = list(ELF_HEADER.values())
    fields += [(at + offset, width) for at, *_ in program_headers(data) for offset, width in PROGRAM_HEADER.values()]
    types = {at for at, *_ in program_headers(data)}
    for offset, width in fields:
        value = int.from_bytes(data[offset:offset + width], "little")
        values = set(TYPES) - {value} if offset in types else values_near(value, width)
        values |= set(range(8)) if offset - 4 in types else set()
        yield from (recipe(offset, width, other) for other in sorted(values))


def part_of(recipes, share, request, fixture):
    """One of so many parts: another one with the next value of the fixture's parameter."""
    return recipes[request.node.callspec.indices[fixture] % share::share]


def cuts(path):
    """Every size at which something ends or a page does, and those beside it, as recipes."""
    ends = {64, *range(PAGE, path.stat().st_size, PAGE)}
    for segment in ElfFile(path).segments:
        ends |= {segment.offset, segment.offset + segment.file_size}
    sizes = {end + beside for end in ends for beside in (-1, 0, 1)}
    return [str(size) for size in sorted(sizes) if 0 <= size < path.stat().st_size]


def mutate(loader, template, folder, mode, *recipes, seed=1, count=0):
    """What became of each: the findings' lines, and all lines."""
    assert MUTATE.exists(), f"{MUTATE} is not built: run tools/build"
    result = run([MUTATE, loader, template, folder, str(seed), str(count), mode, *recipes], timeout=600)
    assert result.status == 0, result
    lines = result.out.splitlines()
    return [line for line in lines if line.startswith("finding: ")], lines


def test_the_right_program_runs(loader, template, tmp_path):
    result = run([template])
    assert (result.status, result.err) == (RIGHT_STATUS, ""), result
    assert mutate(loader, template, tmp_path, "kernel", recipe(4, 1, 2)) == ([], [f"status {RIGHT_STATUS} recipe 4=2"])


@SHARES
def test_no_wrong_header_ends_the_loader_by_a_signal(loader, template, tmp_path, share, request):
    recipes = part_of(list(header_recipes(template.read_bytes())), share, request, "template")

    findings, lines = mutate(loader, template, tmp_path, "kernel", *recipes)

    assert findings == [], f"{loader} as PT_INTERP of {template} with these bytes changed"
    refused = sum(line.startswith("status 127 ") for line in lines)
    assert len(lines) == len(recipes) and refused > len(recipes) // 20, "they hardly touch what the loader reads"


def test_no_cut_ends_the_loader_by_a_signal(loader, template, tmp_path):
    findings, _ = mutate(loader, template, tmp_path, "kernel", *cuts(template))
    assert findings == [], f"{loader} as PT_INTERP of {template} cut to this size"


@pytest.mark.parametrize("seed", SEEDS)
def test_no_random_change_ends_the_loader_by_a_signal(loader, template, tmp_path, seed):
    findings, _ = mutate(loader, template, tmp_path, "kernel", seed=seed, count=RANDOM_MUTATIONS)
    assert findings == [], f"{loader} as PT_INTERP of {template} with these bytes changed"


def is_outside_of_code(loader, line):
    found = re.match(r"finding: signal \d+ at loader\+(0x[0-9a-f]+) ", line)
    code = [segment for segment in ElfFile(loader).segments_of(PT_LOAD) if segment.flags & PF_X]
    return found is not None and not any(
        segment.address <= int(found[1], 16) < segment.address + segment.memory_size for segment in code)


@SHARES
def test_no_wrong_header_of_a_program_that_the_loader_maps_ends_it_by_a_signal(
        loader, command_template, tmp_path, share, request):
    recipes = part_of(list(header_recipes(command_template.read_bytes())), share, request, "command_template")
    findings, _ = mutate(loader, command_template, tmp_path, "program", *recipes)
    # The libc in a static program ends with the same status, and says so in its own words. With wrong tables it may jump
    # anywhere, also into the loader where there is no code.
    findings = [line for line in findings if not line.startswith("finding: status 127 with the text") or "ld-seal" in line]
    if not ElfFile(command_template).segments_of(PT_INTERP):
        findings = [line for line in findings if not is_outside_of_code(loader, line)]
    assert findings == [], f"{loader} {command_template} with these bytes changed"


def test_no_cut_program_that_the_loader_maps_ends_it_by_a_signal(loader, command_template, tmp_path):
    findings, _ = mutate(loader, command_template, tmp_path, "program", *cuts(command_template))
    assert findings == [], f"{loader} {command_template} cut to this size"


def start_changed(machine, template, folder, change):
    """Starts a changed copy as the kernel does, or as qemu-user does in its place."""
    data = bytearray(template.read_bytes())
    changed = change(data) or data
    path = folder / "changed"
    path.write_bytes(changed)
    path.chmod(0o755)
    return path, run([*loaders.emulator(machine), path], timeout=60)


def assert_refused(path, result, line):
    assert (result.status, result.out, result.err) == (REFUSED, "", f"ld-seal: {path}: {line}\n"), result


@pytest.fixture
def small_program(machine, tmp_path):
    """A program without libc for each machine."""
    output = tmp_path / "small"
    result = run([*NO_LIBC, f"--target={machine}-linux-gnu", f"-Wl,--dynamic-linker={loaders.loader(machine)}", "-o",
                  output], timeout=60)
    assert (result.status, result.err) == (0, ""), result
    return output


def test_a_small_program_runs(machine, small_program, tmp_path):
    _, result = start_changed(machine, small_program, tmp_path, lambda data: data)
    assert (result.status, result.err) == (RIGHT_STATUS, ""), result


@pytest.mark.parametrize("distance", [8, PAGE, -PAGE, 0x10000, 1 << 40])
def test_a_wrong_pt_phdr_is_refused(machine, small_program, tmp_path, distance):
    wrong = (64 + distance) % (1 << 64)

    def change(data):
        (at, *_), = [header for header in program_headers(data) if header[1] == PT_PHDR]
        struct.pack_into("<Q", data, at + P_VADDR, wrong)
    path, result = start_changed(machine, small_program, tmp_path, change)
    assert_refused(path, result, f"PT_PHDR p_vaddr is {wrong:#x}, and the program headers are at 0x40")


def test_a_truncated_program_is_refused(machine, small_program, tmp_path):
    last = max(ElfFile(small_program).segments_of(PT_LOAD), key=lambda load: load.offset + load.file_size)
    end = last.offset + last.file_size
    size = (end - 1) // PAGE * PAGE
    path, result = start_changed(machine, small_program, tmp_path, lambda data: data[:size])
    assert_refused(path, result, f"PT_LOAD p_offset + p_filesz {end:#x} is beyond the file's end")
