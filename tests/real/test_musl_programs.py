"""Programs linked to musl do the same work under ld-seal as under musl's own loader."""

import shutil
import subprocess
from pathlib import Path

import pytest

from debugged_programs import loader_for
from real_harness import BY_INTERPRETER, LAUNCHES, MUSL_LOADER

SOURCES = Path(__file__).resolve().parent / "musl"
WORK = {
    "text_work": (("-u", "pear", "apple", "fig"), 5, "matched item and 2024"),
    "thread_work": ((), 0, "total 32000, thread-local 33600, mine 100"),
}


def build(name: str, interpreter: Path, program: Path) -> Path:
    if shutil.which("musl-gcc") is None:
        pytest.skip("musl-gcc is missing: install musl-tools")
    subprocess.run(["musl-gcc", "-O2", "-o", str(program), str(SOURCES / f"{name}.c"),
                    f"-Wl,--dynamic-linker={interpreter}"], check=True, timeout=60)
    return program


def outcome(words: list, folder: Path) -> tuple[int, str, str]:
    done = subprocess.run([str(word) for word in words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"})
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("launch", LAUNCHES)
@pytest.mark.parametrize("name", WORK)
def test_works_as_under_musls_loader(name, launch, candidate, tmp_path):
    arguments, status, said = WORK[name]
    loader = loader_for("musl", candidate)
    program = build(name, loader if launch == BY_INTERPRETER else MUSL_LOADER, tmp_path / "work")
    wanted = outcome([MUSL_LOADER, program, *arguments], tmp_path)
    assert wanted[0] == status and said in wanted[1], f"the program itself is wrong: {wanted}"

    words = [program] if launch == BY_INTERPRETER else [loader, program]
    assert outcome([*words, *arguments], tmp_path) == wanted
