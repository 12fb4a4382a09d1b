"""Every symbol of five large programs is bound to the same definition as by glibc's loader.

The two logs are compared as sets of lines: glibc looks a symbol up again for each relocation that refers to it
(its memory is one look-up long), ld-seal once for each object, so only the count of equal lines may differ.
Every other difference is explained below, one by one; what no explanation covers fails.
"""

from pathlib import Path

import pytest

from bindings import Binding, exported_by, of_program
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


def is_bound_by_libcs_own_loader(line: Binding, loader: Path) -> bool:
    """libc.so.6, its loader and the vDSO: libc's own loader relocates them while it brings libc up, and its log is
    silent then (LD_DEBUG is masked for the call). What these references must end at is tested by its effect."""
    return Path(line.by).name == LIBC or line.by in (str(loader), "linux-vdso.so.1") or "ld-linux" in line.by


def as_bound_by_ours(line: Binding, loader: Path, exports: set[str]) -> Binding:
    """The dl functions and the thread wrappers are ours: we stand before libc in every scope, so what glibc binds to
    libc.so.6 or to its own loader ends at us when we export the name. Definitions elsewhere still win."""
    at_libc = Path(line.to).name == LIBC or line.to == str(loader)
    return line._replace(to=str(loader)) if at_libc and line.symbol in exports else line


def logged(program: str, words: tuple[str, ...], loader: Path, slot, copies, folder: Path) -> set[Binding]:
    folder.mkdir()
    slot.install(loader)
    copy = copies.copy_of(words[0])
    beside = folder.parent / "lib"
    if program == "clang" and not beside.exists():
        beside.symlink_to(Path(words[0]).parents[1] / "lib")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C"}
    return set(of_program([str(copy), *words[1:]], folder, environment))


@pytest.mark.parametrize("program", PROGRAMS)
def test_binds_every_symbol_as_glibc_does(program, slot, copies, candidate, tmp_path):
    words = PROGRAMS[program]
    if not Path(words[0]).exists():
        pytest.skip(f"{words[0]} is missing: install {program}")
    everything = logged(program, words, SYSTEM_LOADER, slot, copies, tmp_path / "wanted")
    exports = exported_by(candidate)
    wanted = {as_bound_by_ours(line, slot.path, exports) for line in everything
              if not is_bound_by_libcs_own_loader(line, slot.path)}
    assert len(wanted) >= LEAST_LINES[program], f"glibc's log is too short to prove anything: {len(wanted)} lines"

    found = {line for line in logged(program, words, candidate, slot, copies, tmp_path / "found")
             if not is_bound_by_libcs_own_loader(line, slot.path)}

    missing = sorted(map(str, wanted - found))
    extra = sorted(map(str, found - wanted))
    assert not missing and not extra, (
        f"{len(missing)} of {len(wanted)} lines missing, {len(extra)} extra\n"
        + "\n".join(f"wanted: {line}" for line in missing[:20]) + "\n"
        + "\n".join(f"found:  {line}" for line in extra[:20]))


def test_a_line_of_another_form_is_an_error():
    with pytest.raises(ValueError, match="not in glibc's form"):
        from bindings import parse
        parse("  12:\tbinding file a [0] to b [0]: strange symbol `c'\n")
