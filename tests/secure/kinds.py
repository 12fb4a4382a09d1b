"""The kinds of program that tests of privilege start, each twice: under ldseal (`ours`) and under the loader that is
its oracle (`theirs`), with the same name in folders of the same depth."""

import dataclasses
import functools
import shutil

import crt_programs
import pytest
from workshop.builder import run_step
from workshop.toolchain import Toolchain

from loaders import PROJECT, loader
from process import run
from roots import RootUnavailable, root

SOURCES = PROJECT / "tests/secure"
INTERPRETERS = {"glibc": "/lib64/ld-linux-x86-64.so.2", "musl": "/lib/ld-musl-x86_64.so.1"}
NEWER = ("glibc-sid", "glibc-trixie")


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a program is linked with. The oracle of a program without libc is glibc's newest loader, or, if the program
    is static, the kernel alone."""

    name: str
    libc: str
    is_static: bool = False
    is_newest: bool = False


KINDS = (Kind("glibc", "glibc"), Kind("newest-glibc", "glibc", is_newest=True), Kind("musl", "musl"),
         Kind("none", "none"), Kind("static-glibc", "glibc", is_static=True),
         Kind("static-musl", "musl", is_static=True), Kind("static-none", "none", is_static=True))
DYNAMIC = tuple(kind for kind in KINDS if not kind.is_static)


@functools.lru_cache
def newest_glibc():
    found = []
    for name in NEWER:
        try:
            found.append(root(name))
        except RootUnavailable as reason:
            why = reason
    if not found:
        pytest.skip(str(why))
    return max(found, key=lambda each: [int(part) for part in each.version.split(".")])


class Builder:
    """Builds into one folder, which every user can reach: ours/, theirs/, newest/ (a libc), libs/, false/, loader."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("ours", "theirs", "newest", "libs", "false", "objects"):
            (folder / name).mkdir(mode=0o755)
        self.loader = shutil.copy(loader("x86_64"), folder / "loader")
        for name in ("ld-linux-x86-64.so.2", "libc.so.6"):
            shutil.copy(newest_glibc().loader.with_name(name), folder / "newest" / name)
        self.library = self._library()
        self._built = {}

    def programs(self, source, kind):
        """(ours, theirs), built once; whoever starts them gives them the privilege that they should have."""
        if (source, kind) not in self._built:
            flags = [] if kind.is_static else ["-DWITH_LIBRARY"]
            build = self._static if kind.is_static else self._dynamic
            self._built[source, kind] = build(SOURCES / source, kind, flags)
        return self._built[source, kind]

    def _library(self):
        """The right libwho.so; false/libwho.so is what a caller would like to see loaded."""
        chain = Toolchain("none", "x86_64", "gcc", "gnu")
        for name, flags in (("libs", ['-DTELLS="right"']), ("false", ['-DTELLS="false"', "-DSPEAKS"])):
            compiled, library = self.folder / f"objects/{name}.o", self.folder / name / "libwho.so"
            run_step(chain.compile(SOURCES / "who.c", compiled, "c", ["-fPIC", *flags]))
            run_step(chain.link_library([compiled], library, "c", []))
        self.false_library = library
        return self.folder / "libs/libwho.so"

    def interpreter(self, kind):
        newest = self.folder / "newest/ld-linux-x86-64.so.2"
        return newest if kind.is_newest or kind.libc == "none" else INTERPRETERS[kind.libc]

    def _dynamic(self, source, kind, flags):
        chain = Toolchain(kind.libc, "x86_64", "gcc", "gnu")
        compiled = self.folder / f"objects/{kind.name}-{source.stem}.o"
        run_step(chain.compile(source, compiled, "c", ["-fPIC", "-DPROGRAM", "-Wextra", "-Werror", *flags]))
        places = [self.library.parent, *([self.folder / "newest"] if kind.is_newest else [])]
        # DT_RPATH, which holds for what libc.so.6 needs, too: the loader of its own version.
        linked = ["-Wl,--disable-new-dtags", f"-Wl,-rpath,{':'.join(map(str, places))}",
                  *([str(self.library)] if flags else [])]
        outputs = []
        for whose, interpreter in (("ours", self.loader), ("theirs", self.interpreter(kind))):
            outputs.append(self.folder / whose / f"{kind.name}-{source.stem}")
            run_step(chain.link_program([compiled], outputs[-1], "c", str(interpreter), True, linked))
        return outputs

    def _static(self, source, kind, flags):
        ours, theirs = (self.folder / whose / f"{kind.name}-{source.stem}" for whose in ("ours", "theirs"))
        alone = ["-DLIBC_NONE"] if kind.libc == "none" else []
        include = f"-I{crt_programs.OBSERVE}"
        crt_programs.compile_sealed(ours, source, include, *alone, *flags, libc=kind.libc)
        drivers = {"glibc": ["gcc", "-static-pie"], "musl": ["musl-gcc", "-static"],
                   "none": ["gcc", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector", "-DPROGRAM"]}
        result = run([*drivers[kind.libc], "-O1", "-Wall", include, *alone, *flags, source, "-o", theirs])
        assert result.status == 0, result
        return ours, theirs
