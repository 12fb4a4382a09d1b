"""Generates programs that are hard on a loader: deep scopes and large symbol tables, cached under build/bench.

Each library exports functions and holds a table of addresses of functions of random earlier libraries. The program
walks all tables when it gets an argument and exits 1 if a function is not the one it should be; without an argument
it returns at once, so that a measurement sees the loader and nothing else.
"""

import concurrent.futures
import dataclasses
import os
import random
import shutil
import subprocess
from pathlib import Path

from sources import sources_of

FUNCTIONS_OF_A_LIBRARY = 100
SECONDS = 600
PROGRAM = sources_of(__file__) / "program.c"


@dataclasses.dataclass(frozen=True)
class Shape:
    """How many libraries, what each refers to, and how many of the referred-to libraries it names as needed."""
    libraries: int
    functions: int = FUNCTIONS_OF_A_LIBRARY
    references: int = 100
    needed: int = 4

    @property
    def name(self):
        return f"libraries-{self.libraries}-{self.functions}-{self.references}-{self.needed}"


def libraries_program(folder, shape):
    """The path of a program of this shape; built if it is not there yet."""
    target = Path(folder) / shape.name
    if not (target / "program").exists():
        partial = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        _build(partial, shape)
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    return target / "program"


def many_names_program(folder, names):
    """One library of so many functions, and a program that refers to all of them."""
    return libraries_program(folder, Shape(libraries=2, functions=names, references=names, needed=1))


def _build(folder, shape):
    choice = random.Random(shape.name)  # the same program on every machine
    references = [_references_of(library, shape, choice) for library in range(shape.libraries)]
    for library, referred in enumerate(references):
        (folder / f"{library}.s").write_text(_library_source(library, referred, shape))
    (folder / "tables.h").write_text(_tables(references))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        list(workers.map(lambda library: _assemble(folder, library), range(shape.libraries)))
    for library, referred in enumerate(references):
        _link(folder, library, referred, shape)
    everything = [f"lib{library}.so" for library in range(shape.libraries)]
    _run(folder, ["clang", "-O1", "-I.", str(PROGRAM), "-o", "program", "-fuse-ld=lld",
                  "-Wl,--no-as-needed,-rpath,$ORIGIN", "-Wl,--allow-shlib-undefined", *everything])
    _run(folder, ["./program", "check"])
    for leftover in (*folder.glob("*.s"), *folder.glob("*.o")):
        leftover.unlink()


def _references_of(library, shape, choice):
    """(library, function) pairs, all earlier than this one: the first library has none."""
    if library == 0:
        return []
    if shape.references == shape.functions and shape.libraries == 2:
        return [(0, function) for function in range(shape.functions)]
    return [(choice.randrange(library), choice.randrange(shape.functions)) for _ in range(shape.references)]


def _function(library, function):
    return f"function_{function}_of_library_{library}"


def _library_source(library, references, shape):
    lines = [".text"]
    for function in range(shape.functions):
        name = _function(library, function)
        value = library * shape.functions + function
        lines += [f".globl {name}", f".type {name},@function", f"{name}:", f"movl ${value},%eax", "ret",
                  f".size {name},.-{name}"]
    table = f"table_of_library_{library}"
    lines += ['.section .data.rel.ro,"aw"', ".p2align 3", f".globl {table}", f".type {table},@object", f"{table}:"]
    for other, function in references:
        lines += [f".quad {_function(other, function)}", f".quad {other * shape.functions + function}"]
    lines += [".quad 0", f".size {table},.-{table}", '.section .note.GNU-stack,"",@progbits', ""]
    return "\n".join(lines)


def _tables(references):
    """What program.c includes: the tables of all libraries."""
    names = [f"table_of_library_{library}" for library in range(len(references))]
    declarations = "".join(f"extern const struct entry {name}[];\n" for name in names)
    return f"{declarations}static const struct entry* const tables[] = {{{', '.join(names)}}};\n"


def _assemble(folder, library):
    _run(folder, ["as", f"{library}.s", "-o", f"{library}.o"])


def _link(folder, library, references, shape):
    referred = sorted({other for other, _ in references})
    needed = referred if len(referred) <= shape.needed else random.Random(library).sample(referred, shape.needed)
    _run(folder, ["ld.lld", "-shared", "--no-as-needed", "--hash-style=gnu", "-soname", f"lib{library}.so",
                  f"{library}.o", *(f"lib{other}.so" for other in needed), "-o", f"lib{library}.so"])


def _run(folder, command):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:6])} … exits {done.returncode}: {done.stderr[-2000:]}")
