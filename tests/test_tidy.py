"""clang-tidy, with the checks of .clang-tidy, has nothing to say of any source.

What was found clean is remembered in build/tidy, under a hash of all that the answer depends on: the source, the
headers of the project that it includes, the checks, the compiler's options and the two programs.
"""

import functools
import hashlib
import json
import re
import shlex
import shutil

import pytest
from loaders import PROJECT
from process import run

CLANG_TIDY = "clang-tidy"
FOLDERS = ("ldso", "crt", "arch", "tools")
BUILD = PROJECT / "build"
CLEAN = BUILD / "tidy"
INCLUDE_FOLDERS = (PROJECT, PROJECT / "ldso/include")
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)

SOURCES = sorted(str(path.relative_to(PROJECT)) for folder in FOLDERS for path in (PROJECT / folder).rglob("*.cc"))


@functools.cache
def options_of_every_source():
    """source -> the options that it is compiled with: the loader's, where the unit tests compile it once more."""
    options = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        command = shlex.split(entry["command"])
        is_loaders = entry["output"].startswith("ldso/")
        for source in compiled_together((BUILD / entry["file"]).resolve()):
            if source.is_relative_to(PROJECT) and (is_loaders or str(source) not in options):
                options[str(source)] = command[1:command.index("-MD")]
    return options


def compiled_together(file):
    """The sources that a file of several includes (tools/meson.build); else the file itself."""
    if not file.name.startswith("sealctl_together_"):
        return [file]
    return [PROJECT / source for source in re.findall(r'#include "([^"]+)"', file.read_text())]


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


def digest(source, options, checks):
    files = sorted({*with_included(PROJECT / source), PROJECT / ".clang-tidy", PROJECT / "ldso/base/hidden.h"})
    parts = [programs(), checks, *options, *(part for path in files for part in (str(path), text_of(path)))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@pytest.mark.skipif(shutil.which(CLANG_TIDY) is None, reason=f"no {CLANG_TIDY}")
@pytest.mark.parametrize("checks", [pytest.param("-clang-analyzer-*", id="checks"),
                                    pytest.param("-*,clang-analyzer-*", id="analyzer", marks=pytest.mark.long)])
@pytest.mark.parametrize("source", SOURCES)
def test_clang_tidy_finds_nothing(source, checks):
    """The analyzer takes twice the time of all other checks together."""
    options = options_of_every_source()[str(PROJECT / source)]
    clean = CLEAN / digest(source, options, checks)
    if clean.exists():
        return
    words = [CLANG_TIDY, "--quiet", f"--checks={checks}", PROJECT / source, "--", *options]
    result = run(words, cwd=BUILD, timeout=300)
    assert result.status == 0, result.out
    CLEAN.mkdir(exist_ok=True)
    clean.write_text("")
