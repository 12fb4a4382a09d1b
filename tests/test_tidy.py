"""clang-tidy, with the checks of .clang-tidy, has nothing to say of any source.

Sources that the build compiles as one file (tools/meson.build) are looked at as one.

What was found clean is remembered in build/tidy, under a hash of all that the answer depends on: the source, the
headers of the project that it includes, the checks, the compiler's options and the two programs.
"""

import functools
import hashlib
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from loaders import PROJECT
from process import run

CLANG_TIDY = "clang-tidy"
FOLDERS = ("ldso", "crt", "arch", "tools")
BUILD = PROJECT / "build"
CLEAN = BUILD / "tidy"
CHECKS = pytest.mark.parametrize("checks", [  # the analyzer takes twice the time of all other checks together
    pytest.param("-clang-analyzer-*", id="checks"),
    pytest.param("-*,clang-analyzer-*", id="analyzer", marks=pytest.mark.long)])
needs_clang_tidy = pytest.mark.skipif(shutil.which(CLANG_TIDY) is None, reason=f"no {CLANG_TIDY}")
INCLUDE_FOLDERS = (PROJECT, PROJECT / "ldso/include")
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)


def every_source():
    return {str(path.relative_to(PROJECT)) for folder in FOLDERS for path in (PROJECT / folder).rglob("*.cc")}


def compiled_together():
    """A made file that includes several sources, and is compiled -> these. Older ones may lie beside it."""
    compiled = (BUILD / "compile_commands.json").read_text()
    made = [file for file in sorted((BUILD / "tools").glob("sealctl_together_*.cc")) if f"tools/{file.name}" in compiled]
    return {file: re.findall(r'#include "([^"]+)"', file.read_text()) for file in made}


TOGETHER = compiled_together()
ALONE = sorted(every_source() - {source for sources in TOGETHER.values() for source in sources})


@functools.cache
def options_of_every_file():
    """file -> the options that it is compiled with: the loader's, where the unit tests compile it once more."""
    options = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        command = shlex.split(entry["command"])
        file = (BUILD / entry["file"]).resolve()
        if entry["output"].startswith("ldso/") or file not in options:
            options[file] = command[1:command.index("-MD")]
    return options


@functools.cache
def text_of(path):
    return path.read_text()


def with_included(source):
    """The source and the files of the project that it includes, and those that they include."""
    found, waiting = set(), [source]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        named = [folder / name for name in INCLUDE.findall(text_of(path)) for folder in INCLUDE_FOLDERS]
        waiting += [each for each in named if each.is_file()]
    return found


@functools.cache
def programs():
    """Their versions; the headers of the system come with them."""
    return run([CLANG_TIDY, "--version"]).out + run(["clang++", "--version"]).out


def digest(file, options, checks):
    files = sorted({*with_included(file), PROJECT / ".clang-tidy", PROJECT / "ldso/base/hidden.h"})
    parts = [programs(), checks, *options, *(part for path in files for part in (str(path), text_of(path)))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def check(file, checks):
    options = options_of_every_file()[file]
    clean = CLEAN / digest(file, options, checks)
    if clean.exists():
        return
    words = [CLANG_TIDY, "--quiet", f"--config-file={PROJECT / '.clang-tidy'}", f"--checks={checks}", file, "--", *options]
    result = run(words, cwd=BUILD, timeout=600)
    assert result.status == 0, result.out
    CLEAN.mkdir(exist_ok=True)
    clean.write_text("")


@pytest.mark.parametrize("source", ALONE)
@CHECKS
@needs_clang_tidy
def test_clang_tidy_finds_nothing(source, checks):
    check(PROJECT / source, checks)


@pytest.mark.parametrize("file", [pytest.param(file, id=file.stem) for file in TOGETHER])
@CHECKS
@needs_clang_tidy
def test_clang_tidy_finds_nothing_in_sources_that_are_compiled_together(file, checks):
    check(file, f"{checks},-bugprone-suspicious-include")


def test_every_source_is_compiled_alone_or_together():
    assert {PROJECT / source for source in ALONE} <= set(options_of_every_file())
    assert set(TOGETHER) <= set(options_of_every_file()) and TOGETHER
