"""What a test program is: its sources, its libraries, how they are linked, and what running it must show."""

import dataclasses
import re
from pathlib import Path

from .places import MACHINES

LIBCS = ("none", "musl", "glibc")
PAGE_SIZES = (16384, 65536)  # besides 4096: only where qemu-user can pretend


@dataclasses.dataclass(frozen=True)
class Library:
    """One shared library: NAME becomes libNAME.so. `needs` names the libraries it is linked with, in order.

    `source` is a file, or the text of a few lines (tests/lib/sources.py has the rule), as is a recipe's `program`.
    `files` are (name, text) of other inputs, version scripts for example, put into the folder `{source}`."""
    name: str
    source: str | Path
    needs: tuple = ()
    compile: tuple = ()
    link: tuple = ()
    language: str = "c"
    files: tuple = ()


@dataclasses.dataclass(frozen=True)
class Recipe:
    """One program. `{lib}` in flags, arguments and environment stands for the folder with its libraries, `{source}`
    in flags for the folder with the sources.

    The libc's own loader runs it first: that must end with `status`, never print a claim that is false, and print
    every line of `shows`. Then our loader must give the same status, stdout and stderr. `known` is the whole output
    where no other loader can be asked."""
    name: str
    program: str | Path
    libraries: tuple = ()
    needs: tuple = None  # names of the libraries the program is linked with; all of them if not said
    compile: tuple = ()
    link: tuple = ()
    language: str = "c"
    pie: bool = True
    libcs: tuple = LIBCS
    machines: tuple = MACHINES
    compilers: tuple = ("gcc",)
    linkers: tuple = ("gnu",)
    launchers: tuple = ("interp", "command")
    page_sizes: tuple = PAGE_SIZES
    much_zero: bool = False  # qemu maps .bss in small pages; musl's malloc takes what is left of a large one
    newer_libcs: bool = True
    environment: tuple = ()
    arguments: tuple = ()
    preload: tuple = ()
    stdin: str = ""
    status: int = 0
    shows: tuple = ()
    known: str = None
    run_path: bool = True
    slow: bool = False

    @property
    def folder(self):
        return re.sub("[^A-Za-z0-9]+", "_", self.name)

    @property
    def linked_libraries(self):
        return tuple(library.name for library in self.libraries) if self.needs is None else self.needs


def variants(recipe, **choices):
    """The recipe with several fields replaced, for tables in which two shapes differ by a flag."""
    return dataclasses.replace(recipe, **choices)
