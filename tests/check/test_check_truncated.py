"""A file that is truncated, before it is read or meanwhile, gives a line and an exit status, and never a signal."""

import contextlib
import os
import random
import shutil
import threading

import pytest

from check_tools import LDSEAL_CC, LIBRARY, NOT_PERMITTED, SEALCTL, USES_LIBRARY, build, build_library, check
from elf_file import program_headers
from process import run

CHECKS = 150
MANY_SYMBOLS = "".join(f"int number{i}(void) {{ return {i}; }}\n" for i in range(6000))


def boundaries(image):
    """Where a header, a segment or a table begins or ends, and a byte to both sides."""
    headers = program_headers(image)
    table = int.from_bytes(image[32:40], "little")
    places = {0, 4, 16, 64, table, table + 56 * len(headers), int.from_bytes(image[40:48], "little")}
    for at, _, _ in headers:
        offset, size = (int.from_bytes(image[at + field:at + field + 8], "little") for field in (8, 32))
        places |= {offset, offset + size, offset + size // 2, (offset + size) & ~0xFFF}
    return sorted({place + more for place in places for more in (-1, 0, 1) if 0 <= place + more < len(image)})


@pytest.fixture(scope="module")
def kinds(folder):
    where = folder / "truncated"
    where.mkdir()
    library = build_library(where / "libwhole.so")
    return {
        "program": build(where / "program", "-Wl,-z,lazy"),
        "fixed": build(where / "fixed", "-no-pie"),
        "library": library,
        "user": build(where / "user", library, "-Wl,-rpath,$ORIGIN", text=USES_LIBRARY),
        "static": build(where / "static", "-static"),
        "itself": build(where / "itself", "-w", compiler=LDSEAL_CC),
    }


@pytest.mark.parametrize("kind", ["program", "fixed", "library", "user", "static", "itself"])
def test_each_cut_of_a_file_gives_one_line_and_a_status(tmp_path, kinds, kind):
    image = kinds[kind].read_bytes()
    cut = tmp_path / "cut"
    for length in boundaries(image):
        cut.write_bytes(image[:length])
        result = run([SEALCTL, "check", cut])
        assert result.status in (0, 1, 3) and result.err == "", (length, result)
        lines = result.out.splitlines()
        assert lines[0].endswith(f"  {cut}") and lines[-1].startswith("1 file: "), (length, result)


def test_each_cut_of_a_library_gives_a_line_for_its_program(tmp_path, kinds):
    image = kinds["library"].read_bytes()
    program = shutil.copy(kinds["user"], tmp_path)
    for length in boundaries(image):
        (tmp_path / "libwhole.so").write_bytes(image[:length])
        result = run([SEALCTL, "check", program])
        assert result.status in (0, 1, 3) and result.err == "", (length, result)
        assert result.out.splitlines()[-1].startswith("1 file: ")


def test_each_cut_of_the_cache_is_survived(tmp_path, plain):
    cache = b"glibc-ld.so.cache1.1" + (3).to_bytes(4, "little") + bytes(24)
    cache += b"".join(part.to_bytes(4, "little") for _ in range(3) for part in (0x0303, 120, 120, 0, 0, 0)) + b"libc.so.6\0" * 3
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    shutil.copy(plain, root / "plain")
    for length in range(0, len(cache) + 1, 3):
        (root / "etc/ld.so.cache").write_bytes(cache[:length])
        result = run([SEALCTL, "check", "--root", root, "/plain"])
        assert result.status == 1 and "missing-library" in result.out, (length, result)


@contextlib.contextmanager
def truncated_and_restored(path):
    """Does both in a loop as long as the context lasts."""
    image, ended, chosen = path.read_bytes(), threading.Event(), random.Random(3)

    def flicker():
        with open(path, "r+b", buffering=0) as file:
            while not ended.is_set():
                os.ftruncate(file.fileno(), chosen.choice([0, 4096, len(image) // 2, len(image) - 4096]))
                os.pwrite(file.fileno(), image, 0)
    thread = threading.Thread(target=flicker)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        path.write_bytes(image)


@pytest.mark.parametrize("which", ["program", "library", "static"])
def test_a_file_that_is_truncated_meanwhile_does_not_kill(tmp_path, which):
    library = build_library(tmp_path / "libmany.so", "-O0", text=LIBRARY + MANY_SYMBOLS)
    program = build(tmp_path / "program", library, "-Wl,-rpath,$ORIGIN", "-rdynamic", "-O0", "-Wl,-z,lazy",
                    text=USES_LIBRARY + MANY_SYMBOLS.replace("number", "own"))
    files = {"program": program, "library": library, "static": build(tmp_path / "static", "-static")}
    before = {file["path"]: file["outcome"] for file in check("--all", tmp_path)[1]["files"]}
    statuses = set()
    with truncated_and_restored(files[which]):
        for _ in range(CHECKS):
            result = run([SEALCTL, "check", *files.values()])
            assert result.status in (0, 1, NOT_PERMITTED), result
            assert result.out.splitlines()[-1].startswith("3 files: "), result
            statuses.add(result.out)
    assert len(statuses) > 1, "it was never seen truncated"
    assert {file["path"]: file["outcome"] for file in check("--all", tmp_path)[1]["files"]} == before
