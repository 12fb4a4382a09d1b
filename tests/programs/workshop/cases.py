"""The table of cases: every recipe with every libc, machine, compiler, linker and way to start it that it asks for."""

import dataclasses
import functools
import hashlib
import json
import os
from pathlib import Path

import pytest

from . import builder, launch, places
from .recipe import Recipe
from .toolchain import Toolchain

NEWER_LIBCS = {"glibc": ("glibc-trixie", "glibc-sid"), "musl": ("musl-sid",), "none": ()}


@dataclasses.dataclass(frozen=True)
class Case:
    recipe: Recipe
    toolchain: Toolchain
    launcher: str  # "interp", "command", or the name of a newer libc's root
    page_size: int = 4096
    in_turn: bool = False  # whether the normal check has it (see `cases`)

    @property
    def id(self):
        parts = [self.recipe.folder, self.toolchain.name, self.launcher]
        if self.page_size != 4096:
            parts.append(f"{self.page_size // 1024}K_pages")
        return "-".join(parts)

    def build(self):
        return builder.build(self.recipe, self.toolchain)

    def run(self, built, loader, program):
        """One run under `loader`; `program` is used where PT_INTERP names the loader."""
        start = self._launch(built)
        if self.launcher == "interp":
            return start.by_interpreter(program)
        if self.launcher == "command":
            return start.by_command(loader, built.normal)
        libraries = f"{self._newer().library_path}:{built.libraries}"
        return start.by_command(loader, built.normal, ("--library-path", libraries))

    def run_oracle(self, built):
        """The libc's own loader's answer, kept until the program or that loader changes."""
        loader = self._oracle_loader()
        described = f"{self._launch(built)} {(built.folder / 'fingerprint').read_text()} {_identity(loader, self)}"
        kept = built.folder / f"oracle-{hashlib.sha256(described.encode()).hexdigest()[:16]}.json"
        if kept.exists():
            return launch.Outcome(**json.loads(kept.read_text()))
        outcome = self.run(built, loader, built.normal)
        if outcome.status == launch.NO_END:
            return outcome
        partial = kept.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(dataclasses.asdict(outcome)))
        partial.rename(kept)
        return outcome

    def run_candidate(self, built):
        machine = self.toolchain.machine
        if places.testing_recipes(machine):
            return self.run(built, self._oracle_loader(), built.normal)
        loader = places.loader_under_test(machine)
        if not Path(loader).exists():
            raise FileNotFoundError(f"the loader under test is not built: {loader}")
        return self.run(built, loader, built.sealed)

    def _launch(self, built):
        fill = {"{lib}": str(built.libraries), "{program}": str(built.normal)}
        environment = {name: _fill(value, fill) for name, value in self.recipe.environment}
        if self.recipe.preload:
            environment["LD_PRELOAD"] = ":".join(str(built.libraries / f"lib{name}.so") for name in self.recipe.preload)
        return launch.Launch(self.toolchain.machine, self.toolchain.libc, environment,
                             tuple(_fill(argument, fill) for argument in self.recipe.arguments),
                             self.recipe.stdin, self.page_size, self.recipe.slow)

    def _oracle_loader(self):
        if self.launcher in ("interp", "command"):
            loader = places.interpreter(self.toolchain.libc, self.toolchain.machine)
            folder = places.system_folder(self.toolchain.libc, self.toolchain.machine)
            return f"{folder}{loader}" if folder else loader
        return str(self._newer().loader)

    def _newer(self):
        return places.root(self.launcher + ("-arm64" if self.toolchain.machine == "aarch64" else ""))


def cases(recipes):
    """Every way of every recipe. In the normal check each recipe runs natively once for each libc, twice for its first,
    and once on aarch64, which is emulated and takes three times as long.

    The compilers, the linkers, the ways to start, the newer libcs, the sizes of pages and on aarch64 the libcs take turns
    with the recipes.
    A slow recipe is a longer run of another one and has no turn.
    """
    for turn, recipe in enumerate(recipes):
        ways = {}  # (machine, its libc or all) -> its cases
        for case in _ways(recipe):
            machine, libc = case.toolchain.machine, case.toolchain.libc
            ways.setdefault((machine, "all" if machine == "aarch64" else libc), []).append(case)
        for place, of_platform in enumerate(ways.values()):
            chosen = {(turn + place) % len(of_platform)} | ({0} if place == 0 else set())
            for number, case in enumerate(of_platform):
                yield dataclasses.replace(case, in_turn=number in chosen and not recipe.slow)


def parameters(some):
    """The cases as pytest wants them. Those that are not in turn are for `tools/check --all`."""
    for case in some:
        yield pytest.param(case, id=case.id, marks=() if case.in_turn else pytest.mark.long)


def _ways(recipe):
    for toolchain in _toolchains(recipe):
        for launcher in (*recipe.launchers, *_newer_launchers(recipe, toolchain)):
            yield Case(recipe, toolchain, launcher)
        if toolchain.machine == "aarch64":
            # One way to start is enough for other page sizes: what differs is how files are mapped.
            for page_size in _page_sizes(recipe, toolchain):
                yield Case(recipe, toolchain, recipe.launchers[0], page_size)


def _page_sizes(recipe, toolchain):
    """Linkers lay files out, compilers do not."""
    if not recipe.launchers or toolchain.compiler != recipe.compilers[0]:
        return ()
    return () if recipe.much_zero and toolchain.libc == "musl" else recipe.page_sizes


def _toolchains(recipe):
    return [Toolchain(libc, machine, compiler, linker) for libc in recipe.libcs for machine in recipe.machines
            for compiler in recipe.compilers for linker in recipe.linkers]


def _newer_launchers(recipe, toolchain):
    """How a program was compiled and linked was tried with the first libc; with others once is enough."""
    first = (toolchain.compiler, toolchain.linker) == (recipe.compilers[0], recipe.linkers[0])
    return NEWER_LIBCS[toolchain.libc] if recipe.newer_libcs and first else ()


def _fill(text, replacements):
    for placeholder, value in replacements.items():
        text = text.replace(placeholder, value)
    return text


def _identity(loader, case):
    status = os.stat(loader)
    return f"{case.launcher} {loader} {status.st_size} {status.st_mtime_ns} {_ways_to_start()}"


@functools.lru_cache
def _ways_to_start():
    return hashlib.sha256(Path(launch.__file__).read_bytes()).hexdigest()
