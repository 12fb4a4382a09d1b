"""A TLS descriptor's resolver keeps every register but its result: ELF Handling for TLS, and the machines' ABIs."""

from sources import sources_of
from workshop.recipe import Library, variants

from .common import opening

_CASES = sources_of(__file__)

# A small block may find room in the static one; a large one must be allocated on first use.
_PROBE = Library("probe", _CASES / "libprobe.S", language="assembly", compile=("-DMUCH",))
_SMALL_PROBE = Library("probe", _CASES / "libprobe.S", language="assembly")


def _registers(name, library=_PROBE, **choices):
    return opening(name, _CASES / "registers.c", library, **choices)


_WHEN = ("first use", "second use", "first use in a thread", "second use in it")
_ALL_KEPT = "".join(f"when: {when}\nvalue: 4711\ngeneral registers changed: 0\nvector registers changed: 0\n"
                    for when in _WHEN)

# glibc keeps the vector registers on first use from 2.39 on (bug 31372), so newer ones are asked and 2.36 is not.
_VECTORS = _registers("a TLS descriptor's resolver keeps the vector registers with newer glibcs", libcs=("glibc",),
                      launchers=(), newer_libcs=True, shows=("value: 4711", "vector registers changed: 0"))
_SHOWS_ALL = ("value: 4711", "general registers changed: 0", "vector registers changed: 0")

RECIPES = [
    _registers("a TLS descriptor's resolver keeps the general registers", compile=("-DONLY_GENERAL",),
               newer_libcs=True, shows=("value: 4711", "general registers changed: 0")),
    _VECTORS,
    variants(_VECTORS, name="a TLS descriptor's resolver keeps all registers with glibc", shows=(), known=_ALL_KEPT,
             launchers=("interp", "command"), newer_libcs=False),
    _registers("a TLS descriptor's resolver keeps all registers with musl", libcs=("musl",), shows=_SHOWS_ALL),
    _registers("a small block's TLS descriptor keeps all registers", library=_SMALL_PROBE, shows=_SHOWS_ALL),
    _registers("a linked object's TLS descriptor keeps all registers", needs=("probe",), shows=_SHOWS_ALL),
]
