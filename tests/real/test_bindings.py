"""Every symbol of five large programs is bound to the same definition as by glibc's loader.

The two logs are compared as sets of lines: glibc looks a symbol up again for each relocation that refers to it
(its memory is one look-up long), ld-seal once for each object, so only the count of equal lines may differ.
Every other difference is explained below, one by one; what no explanation covers fails.
"""

from pathlib import Path

import pytest

from bindings import Binding, References, exported_by, of_program, parse, references_of
from real_harness import SYSTEM_LOADER

PROGRAMS = {
    "clang": ("/usr/lib/llvm-14/bin/clang", "--version"),
    "gdb": ("/usr/bin/gdb", "-nx", "--version"),
    "node": ("/usr/bin/node", "--version"),
    "python3": ("/usr/bin/python3", "-S", "-c", "pass"),
    "git": ("/usr/bin/git", "--version"),
}
LEAST_LINES = {"clang": 15000, "gdb": 15000, "node": 500, "python3": 500, "git": 200}
LIBC = "libc.so.6"


MALLOC_FAMILY = {"malloc", "calloc", "realloc", "free"}


def is_bound_by_libcs_own_loader(line: Binding) -> bool:
    """libc.so.6, its loader and the vDSO: libc's own loader relocates them while it brings libc up, and its log is
    silent then (LD_DEBUG is masked for the call). What these references must end at is tested by its effect."""
    return line.by == "linux-vdso.so.1" or Path(line.by).name.startswith((LIBC, "ld-linux", "ld.so.1"))


def is_glibcs_loader_looking_for_malloc(line: Binding, program: Path, references: References) -> bool:
    """Once libc is there, glibc's loader looks up the malloc family for its own use, in the name of the program and
    not as a call (so it may stop at the program's own PLT entry): no reference of the program stands behind it."""
    if line.by != str(program) or line.symbol not in MALLOC_FAMILY or line.symbol in references.addresses:
        return False
    return line.to == line.by or line.symbol not in references.calls


def with_loaders_named(line: Binding, names_of_ours: set[str], exports: set[str]) -> Binding:
    """The dl functions and the thread wrappers are ours: we stand before libc in every scope, so what glibc binds to
    libc.so.6 or to its own loader ends at us when we export the name (definitions elsewhere still win). What we do not
    export stays at libc's own loader, which is the interpreter in one run and a library in the other."""
    at_libcs_loader = Path(line.to).name.startswith("ld-linux") or line.to in names_of_ours
    if line.symbol in exports and (at_libcs_loader or Path(line.to).name == LIBC):
        return line._replace(to="the loader")
    return line._replace(to="libc's loader") if at_libcs_loader else line


def logged(program: str, words: tuple[str, ...], loader: Path, slot, copies, folder: Path) -> set[Binding]:
    folder.mkdir()
    slot.install(loader)
    copy = copies.copy_of(words[0])
    beside = folder.parent / "lib"
    if program == "clang" and not beside.exists():
        beside.symlink_to(Path(words[0]).parents[1] / "lib")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C"}
    lines = of_program([str(copy), *words[1:]], folder, environment)
    return {line for line in lines if not is_bound_by_libcs_own_loader(line)}


@pytest.mark.parametrize("program", PROGRAMS)
def test_binds_every_symbol_as_glibc_does(program, slot, copies, candidate, tmp_path):
    words = PROGRAMS[program]
    if not Path(words[0]).exists():
        pytest.skip(f"{words[0]} is missing: install {program}")
    exports = exported_by(candidate)
    copy = copies.copy_of(words[0])
    references = references_of(copy)
    everything = logged(program, words, SYSTEM_LOADER, slot, copies, tmp_path / "wanted")
    wanted = {with_loaders_named(line, {str(slot.path)}, exports) for line in everything
              if not is_glibcs_loader_looking_for_malloc(line, copy, references)}
    assert len(wanted) >= LEAST_LINES[program], f"glibc's log is too short to prove anything: {len(wanted)} lines"

    found = {with_loaders_named(line, {str(slot.path), candidate.name}, exports)
             for line in logged(program, words, candidate, slot, copies, tmp_path / "found")}
    if candidate.resolve() == SYSTEM_LOADER.resolve():
        found -= {line for line in found if is_glibcs_loader_looking_for_malloc(line, copy, references)}

    missing = sorted(map(str, wanted - found))
    extra = sorted(map(str, found - wanted))
    assert not missing and not extra, (
        f"{len(missing)} of {len(wanted)} lines missing, {len(extra)} extra\n"
        + "\n".join(f"wanted: {line}" for line in missing[:20]) + "\n"
        + "\n".join(f"found:  {line}" for line in extra[:20]))


def test_a_line_of_another_form_is_an_error():
    with pytest.raises(ValueError, match="not in glibc's form"):
        parse("  12:\tbinding file a [0] to b [0]: strange symbol `c'\n")
