"""Programs whose PT_INTERP is set by patchelf, as people do it: with the loader's real path, however long.

patchelf moves sections and adds a PT_LOAD, so these copies are also programs of an unusual shape.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

PROGRAMS = {
    "bash": ("/usr/bin/bash", "-c", "echo $((6 * 7)); exit 3"),
    "cmake": ("/usr/bin/cmake", "-E", "echo", "said"),
    "curl": ("/usr/bin/curl", "-sS", "file:///etc/debian_version"),
    "gawk": ("/usr/bin/gawk", "BEGIN { print sin(1) }"),
    "gcc": ("/usr/bin/gcc", "-dumpmachine"),
    "gdb": ("/usr/bin/gdb", "-nx", "-batch", "-ex", "print 6 * 7"),
    "git": ("/usr/bin/git", "hash-object", "/usr/share/common-licenses/GPL-3"),
    "ls": ("/usr/bin/ls", "-l", "/usr/share/common-licenses"),
    "node": ("/usr/bin/node", "-p", "6 * 7"),
    "openssl": ("/usr/bin/openssl", "dgst", "-sha256", "/usr/bin/dash"),
    "perl": ("/usr/bin/perl", "-e", "print 6 * 7, qq(\\n)"),
    "python3": ("/usr/bin/python3", "-S", "-c", "print(6 * 7)"),
    "sqlite3": ("/usr/bin/sqlite3", ":memory:", "select 6 * 7"),
    "vim": ("/usr/bin/vim.basic", "-es", "-u", "NONE", "-i", "NONE", "-c", "verbose echo 42", "-c", "qa!"),
    "xz": ("/usr/bin/xz", "--robot", "--version"),
}


def outcome(words: list[str]) -> tuple[int, bytes, bytes]:
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                          env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"})
    return done.returncode, done.stdout, done.stderr


def set_interpreter(program: Path, interpreter: str) -> None:
    subprocess.run(["patchelf", "--set-interpreter", interpreter, str(program)], check=True, timeout=60)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_with_a_long_interpreter_path_set_by_patchelf_runs(name, candidate, tmp_path):
    program, *arguments = PROGRAMS[name]
    for tool in ("patchelf", program):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is missing")
    folder = tmp_path / ("long" * 20)
    folder.mkdir()
    loader = folder / candidate.name
    loader.symlink_to(candidate.resolve())
    copy = tmp_path / Path(program).name
    shutil.copy(program, copy)
    wanted = outcome([str(copy), *arguments])
    assert wanted[1] or wanted[2]

    set_interpreter(copy, str(loader))

    assert outcome([str(copy), *arguments]) == wanted


def test_a_program_whose_tables_patchelf_has_laid_over_several_segments_runs(candidate, tmp_path):
    python = shutil.which("python3.11", path="/usr/bin")
    if python is None:
        pytest.skip("Debian's python3.11, a program at a fixed address, is missing")
    copy = tmp_path / "python3.11"
    shutil.copy(python, copy)
    subprocess.run(["patchelf", "--set-rpath", "/a/path/that/was/not/there", str(copy)], check=True, timeout=60)
    command = [str(copy), "-S", "-c", "import ssl; print(ssl.OPENSSL_VERSION)"]
    wanted = outcome(command)
    assert wanted[0] == 0

    set_interpreter(copy, str(candidate))

    assert outcome(command) == wanted
