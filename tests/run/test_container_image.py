"""An image of a container holds a program, its libraries, ld-seal and libc's own loader, and nothing else (README)."""

import re
import shutil
from pathlib import Path

import pytest

from loaders import SYSTEM_LOADERS, loader
from process import environment, run
from sources import sources_of

INTERPRETER = "/lib64/ld-seal-x86_64.so.1"
PLACE = "/lib64/ld-linux-x86-64.so.2"
SOURCE = sources_of(__file__) / "program.c"
SAID = "/program 0 1.0\n"


def compiled(folder, *options, compiler="gcc"):
    program = folder / "program"
    result = run([compiler, SOURCE, "-o", program, "-lm", "-pthread", *options])
    assert result.status == 0, result
    return program


def image_of(folder, program):
    """The program and what --list names, copied as README says; ld-seal goes to the name that PT_INTERP has."""
    image = folder / "image"
    listed = run([loader("x86_64"), "--list", program]).out
    files = [path for path in re.findall(r"(/[^ )]*) \(", listed) if path != INTERPRETER]
    assert len(files) >= 1, listed
    for path in files:
        put(image, path, path)
    put(image, INTERPRETER, loader("x86_64"))
    put(image, "/program", program)
    return image


def put(image, path, source):
    target = Path(f"{image}{path}")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def in_container(image, *command, **variables):
    return run(["bwrap", "--bind", image, "/", "--unshare-all", "--proc", "/proc", *(command or ["/program"])],
               env=environment(**variables))


@pytest.mark.parametrize("compiler", ["gcc", "musl-gcc"])
def test_what_list_names_is_enough(compiler, tmp_path):
    image = image_of(tmp_path, compiled(tmp_path, f"-Wl,--dynamic-linker={INTERPRETER}", compiler=compiler))
    result = in_container(image, LDSEAL="require")
    assert (result.status, result.out, result.err) == (0, SAID, "")


def test_libcs_loader_may_lie_beside_ld_seal_alone(tmp_path):
    image = image_of(tmp_path, compiled(tmp_path, f"-Wl,--dynamic-linker={INTERPRETER}"))
    (listed,) = [path for path in image.rglob("ld-linux-*")]
    listed.unlink()
    put(image, PLACE, SYSTEM_LOADERS["x86_64"])
    result = in_container(image, LDSEAL="require")
    assert (result.status, result.out, result.err) == (0, SAID, "")


def test_without_libcs_loader_one_line_says_what_is_missing(tmp_path):
    image = image_of(tmp_path, compiled(tmp_path, f"-Wl,--dynamic-linker={INTERPRETER}"))
    for path in image.rglob("ld-linux-*"):
        path.unlink()
    result = in_container(image)
    assert (result.status, result.out) == (127, "")
    assert re.fullmatch(r"ld-seal: ld-linux-x86-64\.so\.2: cannot open shared object file: .*\n", result.err), result


def test_ld_seal_in_the_place_of_libcs_loader_seals_unchanged_programs(tmp_path):
    image = image_of(tmp_path, compiled(tmp_path))
    for path in image.rglob("ld-linux-*"):
        path.unlink()
    put(image, PLACE, loader("x86_64"))
    put(image, f"{PLACE}.distrib", SYSTEM_LOADERS["x86_64"])
    result = in_container(image, LDSEAL="require")
    assert (result.status, result.out, result.err) == (0, SAID, "")
    trace = in_container(image, LDSEAL_DEBUG="seal").err
    assert re.search(r"\d+ ranges sealed", trace), trace
    listed = in_container(image, PLACE, "--list", "/program").out
    assert f"ld-linux-x86-64.so.2 => {PLACE}.distrib" in listed
