"""Finding the vDSO and its data, in a whole program: on this machine, and under an emulator, whose vDSO is its own.

The methods one by one, on this kernel and on recorded ones: tests/unit/seal.
"""

import pytest

from loaders import MACHINES, PROJECT, emulator
from process import run

COMPILERS = {"x86_64": ("clang++",), "aarch64": ("aarch64-linux-gnu-g++",)}
SOURCES = (PROJECT / "tests/seal/system_mappings/tell.cc",
           *(PROJECT / "ldso" / name for name in (
               "base/text.cc", "elf/header.cc", "elf/image_extent.cc", "seal/system_mappings.cc",
               "seal/system_mappings_names.cc", "seal/system_mappings_text.cc", "sys/kernel.cc")))
METHODS = ("query", "text", "advice", "telling order", "quick order")
NO_VDSO, FOREIGN, NO_METHOD = "doubt 1", "doubt 2", "doubt 7"  # SystemMappingsDoubt


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """For each machine the program that tells what it finds; without libraries."""
    folder = tmp_path_factory.mktemp("tell")
    for machine in MACHINES:
        result = run([*COMPILERS[machine], "-std=c++20", "-O1", "-static", f"-I{PROJECT}", *SOURCES,
                      "-o", folder / machine], timeout=120)
        assert result.status == 0, result
    return {machine: folder / machine for machine in MACHINES}


def tell(program, *before):
    """What each method told, and the lines of maps with a name of the kernel's in the same form."""
    result = run([*before, program])
    assert result.status == 0, result
    told = {method: [] for method in (*METHODS, "maps")}
    for line in result.out.splitlines():
        method, text = line.split(": ", 1)
        told[method].append(text)
    columns = [line.split() for line in told["maps"]]
    told["maps"] = [f"{c[0]} {c[1]} {c[5]}" for c in columns if len(c) > 5 and c[5][:5] in ("[vdso", "[vvar")]
    return told


def by_advice(mappings):
    """The same mappings as advice tells them: one of data, one of code."""
    starts, ends = zip(*(line.split()[0].split("-") for line in mappings))
    data = [f"{starts[0]}-{starts[-1]} r--p [vvar]"] if len(mappings) > 1 else []
    return [*data, f"{starts[-1]}-{ends[-1]} r-xp [vdso]"]


@pytest.mark.parametrize("randomised", [True, False], ids=["randomised", "not randomised"])
def test_every_method_finds_what_maps_shows(programs, randomised):
    told = tell(programs["x86_64"], *(() if randomised else ("setarch", "-R")))
    assert [line.split()[-1] for line in told["maps"]][-1] == "[vdso]"
    assert told["query"] == told["text"] == told["telling order"] == told["maps"]
    assert told["advice"] == told["quick order"] == by_advice(told["maps"])


def test_nothing_of_an_emulators_is_taken_for_the_kernels(programs):
    """QEMU gives no vDSO (7.2) or one of its own (from 8.1 on), and answers 0 to any advice."""
    told = tell(programs["aarch64"], *emulator("aarch64"))
    if not told["maps"]:
        assert {method: told[method] for method in METHODS} == dict.fromkeys(METHODS, [NO_VDSO])
        return
    assert told["query"] == [NO_METHOD]
    assert [told[m] for m in METHODS[1:]] == [[FOREIGN]] * 4
