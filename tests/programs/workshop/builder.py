"""Builds a recipe with a toolchain, once, and again only when sources, flags or tools' versions change.
Safe when several processes ask for the same program at the same time."""

import contextlib
import dataclasses
import fcntl
import functools
import hashlib
import json
import re
import subprocess
from pathlib import Path

from . import places, toolchain as tools

BUILD_SECONDS = 120


class BuildFailed(Exception):
    """A compiler or linker refused; the text is its own."""


@dataclasses.dataclass(frozen=True)
class Built:
    folder: Path

    @property
    def libraries(self):
        return self.folder / "lib"

    @property
    def normal(self):
        """The program with the libc's own loader as its PT_INTERP."""
        return self.folder / "normal" / "program"

    @property
    def sealed(self):
        """The same program with the loader under test as its PT_INTERP."""
        return self.folder / "sealed" / "program"


def build(recipe, toolchain):
    folder = places.BUILD / recipe.folder / toolchain.name
    steps = _steps(recipe, toolchain, Built(folder))
    wanted = _fingerprint(steps)
    with locked(folder):
        stamp = folder / "fingerprint"
        if not stamp.exists() or stamp.read_text() != wanted:
            stamp.unlink(missing_ok=True)
            _carry_out(steps)
            stamp.write_text(wanted)
    return Built(folder)


@contextlib.contextmanager
def locked(folder):
    """One process at a time for one folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run_step(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS)
    if done.returncode != 0:
        raise BuildFailed(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def _steps(recipe, toolchain, built):
    """("write", path, text), ("read", path, text) and ("run", command): everything that decides what the program is."""
    fill = functools.partial(_filled, built=built)
    steps = []
    for library in recipe.libraries:
        steps += _library_steps(library, recipe, toolchain, built, fill)
    pie = ("-fPIE",) if recipe.pie else ("-fno-pie",)
    source, compiled = _compile_steps("program", recipe.program, recipe.language, toolchain, built,
                                      (*pie, "-DPROGRAM", *fill(recipe.compile)))
    steps += source
    flags = [*_library_flags(recipe.linked_libraries, recipe, built), *fill(recipe.link)]
    language = recipe.language
    for program, interpreter in (
            (built.normal, places.interpreter(toolchain.libc, toolchain.machine)),
            (built.sealed, places.loader_under_test(toolchain.machine))):
        command = toolchain.link_program([compiled], program, language, interpreter, recipe.pie, flags)
        steps.append(("run", command))
    return steps


def _library_steps(library, recipe, toolchain, built, fill):
    steps, compiled = _compile_steps(library.name, library.source, library.language, toolchain, built,
                                     ("-fPIC", *fill(library.compile)))
    flags = [*_library_flags(library.needs, recipe, built), *fill(library.link)]
    output = built.libraries / f"lib{library.name}.so"
    files = [("write", str(built.folder / "source" / name), text) for name, text in library.files]
    return [*files, *steps, ("run", toolchain.link_library([compiled], output, library.language, flags))]


def _compile_steps(name, text, language, toolchain, built, flags):
    compiled = built.folder / "objects" / f"{name}.o"
    if isinstance(text, Path):
        source, step = text, ("read", str(text), _with_headers(text))
    else:
        source = built.folder / "source" / f"{name}.{tools.SUFFIXES[language]}"
        step = ("write", str(source), text)
    return [step, ("run", toolchain.compile(source, compiled, language, flags))], compiled


def _with_headers(source):
    """The text of a source, and of what it includes from the folders of the tests."""
    text = source.read_text()
    headers = [source.parent / name for name in re.findall('^#include "(.+)"', text, re.MULTILINE)]
    return text + "".join(_with_headers(header) for header in headers if header.exists())


def _library_flags(names, recipe, built):
    run_path = [f"-Wl,-rpath,{built.libraries}"] if recipe.run_path else []
    # Every library is linked as it is written, also when nothing of it is used.
    return [*run_path, "-Wl,--no-as-needed", f"-L{built.libraries}", f"-Wl,-rpath-link,{built.libraries}",
            *(f"-l{name}" for name in names)]


def _filled(flags, built):
    return tuple(flag.replace("{lib}", str(built.libraries)).replace("{source}", str(built.folder / "source"))
                 for flag in flags)


def _carry_out(steps):
    for kind, *what in steps:
        if kind == "write":
            path = Path(what[0])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(what[1])
        elif kind == "run":
            Path(what[0][-1]).parent.mkdir(parents=True, exist_ok=True)
            run_step(what[0])


def _fingerprint(steps):
    described = json.dumps([steps, _shared_sources(), _tool_versions()])
    return hashlib.sha256(described.encode()).hexdigest()


@functools.lru_cache
def _shared_sources():
    return [path.read_text() for path in sorted(places.INCLUDE.iterdir())]


@functools.lru_cache
def _tool_versions():
    return [subprocess.run([tool, "--version"], capture_output=True, text=True, timeout=20).stdout
            for tool in ("gcc", "clang", "ld.bfd", "ld.lld")]
