"""Programs without a fixed limit: a thousand libraries, and a library with a hundred thousand symbols.
The libraries need no libc, so one set of them serves programs of every libc."""

import pytest
from sources import sources_of
from workshop import builder, launch, places
from workshop.recipe import LIBCS, MACHINES
from workshop.toolchain import Toolchain

LIBRARIES = 1000
SYMBOLS = 100_000
pytestmark = pytest.mark.slow

EMULATIONS = {"x86_64": "elf_x86_64", "aarch64": "aarch64linux"}


@pytest.fixture(params=MACHINES)
def machine(request):
    return request.param


@pytest.fixture(params=LIBCS)
def libc(request):
    return request.param


def made(folder, fingerprint, make):
    """`folder`, filled once by `make` whatever number of processes ask for it."""
    with builder.locked(folder):
        stamp = folder / "fingerprint"
        if not stamp.exists() or stamp.read_text() != fingerprint:
            make(folder)
            stamp.write_text(fingerprint)
    return folder


def link(machine, output, *words):
    builder.run_step(["ld.lld", "-m", EMULATIONS[machine], "-shared", "-soname", output.name, *map(str, words),
                      "-o", str(output)])


def assemble(machine, folder, text):
    source, compiled = folder / "source.s", folder / "object.o"
    source.write_text(text)
    builder.run_step(["clang", f"--target={machine}-linux-gnu", "-c", str(source), "-o", str(compiled)])
    return compiled


def thousand_libraries(machine):
    """libN.so, which needs lib(N+1).so and one far away, and whose word_N holds the address of the next one's."""
    def make(folder):
        compiled = assemble(machine, folder, ".data\n.balign 8\n.globl word\nword: .quad next_word\n"
                                             ".type word, %object\n.size word, 8\n")
        for number in reversed(range(LIBRARIES)):
            needs = [folder / f"lib{other}.so" for other in sorted({number + 1, number + 37}) if other < LIBRARIES]
            renamed = folder / "renamed.o"
            builder.run_step(["llvm-objcopy", f"--redefine-sym=word=word_{number}",
                              f"--redefine-sym=next_word=word_{(number + 1) % LIBRARIES}", compiled, renamed])
            link(machine, folder / f"lib{number}.so", "-rpath", folder, renamed, *needs)
    return made(places.BUILD / "thousand_libraries" / machine, f"{places.BUILD} {LIBRARIES} 1", make)


def many_symbols(machine):
    """One library with functions number_0, number_1, … and a table of the addresses of all of them."""
    def make(folder):
        lines = [".text"]
        for number in range(SYMBOLS):
            name = f"a_rather_long_name_as_in_many_a_program_number_{number}"
            lines.append(f".globl {name}\n.type {name}, %function\n{name}: nop\n.size {name}, . - {name}")
        lines.append(".data\n.balign 8\n.globl table\n.type table, %object\ntable:")
        lines += [f".quad a_rather_long_name_as_in_many_a_program_number_{number}" for number in range(SYMBOLS)]
        lines.append(".size table, . - table\n")
        link(machine, folder / "libmany.so", assemble(machine, folder, "\n".join(lines)))
    return made(places.BUILD / "many_symbols" / machine, f"{SYMBOLS} 1", make)


WALKS = sources_of(__file__) / "walks.c"
COUNTS = f"""
#include "observe.h"
extern char *table[];
int main(void) {{
  int wrong = 0;
  for (int n = 1; n < {SYMBOLS}; ++n) wrong += table[n] <= table[n - 1];
  say_number("out of order", wrong);
  return 0;
}}
"""


def program(name, libc, machine, source, library):
    chain = Toolchain(libc, machine, "gcc", "lld")
    folder = places.BUILD / name / chain.name

    def make(folder):
        text, compiled = source, folder / "program.o"
        if isinstance(source, str):
            text = folder / "program.c"
            text.write_text(source)
        builder.run_step(chain.compile(text, compiled, "c", ["-fPIC", "-DPROGRAM"]))
        builder.run_step(chain.link_program([compiled], folder / "program", "c", loader, True, flags))

    written = source if isinstance(source, str) else source.read_text()
    loader = places.loader_under_test(machine)
    flags = [f"-Wl,-rpath,{library.parent}", "-Wl,--allow-shlib-undefined", str(library)]
    return made(folder, f"{written} {loader} {flags}", make) / "program"


def outcome(libc, machine, path):
    if places.testing_recipes(machine):
        loader = f"{places.system_folder(libc, machine) or ''}{places.interpreter(libc, machine)}"
        return launch.Launch(machine, libc, {}).by_command(loader, path)
    return launch.Launch(machine, libc, {}).by_interpreter(path)


def test_a_program_of_a_thousand_libraries_runs(libc, machine):
    folder = thousand_libraries(machine)
    path = program("circle", libc, machine, WALKS, folder / "lib0.so")
    assert outcome(libc, machine, path) == launch.Outcome(0, f"libraries in the circle: {LIBRARIES}\n", "")


def test_a_program_of_a_hundred_thousand_symbols_runs(libc, machine):
    folder = many_symbols(machine)
    path = program("counted", libc, machine, COUNTS, folder / "libmany.so")
    assert outcome(libc, machine, path) == launch.Outcome(0, "out of order: 0\n", "")
