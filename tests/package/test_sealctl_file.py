"""The built sealctl: one static program that seals itself, and that is hardened as hardening-check(1) wants it."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "seal"))  # what reads smaps

import elf_file
import seal_tools
from elf_file import ElfFile
from loaders import BUILDS, PROJECT, emulator
from process import run

# endbr64; `paciasp` and `bti c`.
LANDING_PADS = {"x86_64": [bytes.fromhex("f30f1efa")], "aarch64": [bytes.fromhex("3f2303d5"), bytes.fromhex("5f2403d5")]}
DF_BIND_NOW, DT_FLAGS_1, DF_1_NOW, DF_1_PIE = 8, 0x6FFFFFFB, 1, 0x08000000


@pytest.fixture
def sealctl(machine):
    path = PROJECT / BUILDS[machine] / "tools/sealctl"
    assert path.exists(), f"{path} is not built: run tools/build"
    return path


def symbols(path):
    return {line.split()[-1] for line in run(["llvm-nm", path]).out.splitlines()}


def test_it_is_one_file(sealctl):
    file = ElfFile(sealctl)
    assert file.segments_of(elf_file.PT_INTERP) == []
    assert [value for tag, value in file.dynamic() if tag == elf_file.DT_NEEDED] == []


def test_it_is_position_independent(sealctl):
    file = ElfFile(sealctl)
    assert file.type == elf_file.ET_DYN
    assert file.dynamic_value(DT_FLAGS_1, 0) & DF_1_PIE


def test_its_relocations_are_read_only(sealctl):
    file = ElfFile(sealctl)
    assert len(file.segments_of(elf_file.PT_GNU_RELRO)) == 1
    assert file.dynamic_value(elf_file.DT_FLAGS, 0) & DF_BIND_NOW and file.dynamic_value(DT_FLAGS_1, 0) & DF_1_NOW


def test_no_segment_is_writable_and_executable(sealctl):
    wrong = elf_file.PF_W | elf_file.PF_X
    file = ElfFile(sealctl)
    assert [segment for segment in file.segments_of(elf_file.PT_LOAD) if segment.flags & wrong == wrong] == []
    assert [segment.flags & elf_file.PF_X for segment in file.segments_of(elf_file.PT_GNU_STACK)] == [0]


def disassembly(path, symbol):
    return run(["llvm-objdump", "-d", "--no-show-raw-insn", f"--disassemble-symbols={symbol}", path], timeout=60).out


def own_functions(path):
    return sorted(name for name in symbols(path) if name.startswith("_ZN7sealctl"))


def test_its_stack_is_protected_and_its_copies_are_checked(sealctl):
    found = symbols(sealctl)
    assert "__stack_chk_fail" in found
    assert [name for name in found if name.endswith("_chk")] != []
    own = disassembly(sealctl, ",".join(own_functions(sealctl)))
    assert "__stack_chk_fail" in own


def test_its_functions_begin_with_a_landing_pad_or_sign_their_return(sealctl, machine):
    file = ElfFile(sealctl)
    (main,) = [int(line.split()[0], 16) for line in run(["llvm-nm", sealctl]).out.splitlines() if line.endswith(" T main")]
    offset = file.file_offset(main)
    assert file.data[offset:offset + 4] in LANDING_PADS[machine]


def test_it_seals_itself_whatever_its_caller_wants_of_other_programs(tmp_path):
    found = seal_tools.inspect(seal_tools.build_attack(tmp_path), [PROJECT / "build/tools/sealctl", "--version"],
                               tmp_path, LDSEAL="off", LDSEAL_DEBUG="seal")
    assert (found.result.status, found.result.err) == (0, ""), found.result
    of_file = [area for area in found.areas if area.name.endswith("/sealctl") or "vdso" in area.name]
    assert {area.permissions[:3] for area in of_file if area.is_sealed} >= {"r--", "r-x"}
    assert [str(area) for area in of_file if "w" not in area.permissions and not area.is_sealed] == []


def test_it_runs_for_the_other_machine():
    program = PROJECT / BUILDS["aarch64"] / "tools/sealctl"
    result = run([*emulator("aarch64"), program, "--version"])
    assert (result.status, result.err) == (0, ""), result
    assert result.out.startswith("sealctl (ldseal) ")
