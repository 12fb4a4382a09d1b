"""Programs and objects in every relation, built from one source, whose steps a test chooses (cases/order_graphs)."""

import dataclasses
import functools
import random
import subprocess

from process import environment, run
from sources import sources_of

_CASES = sources_of(__file__)
NAMES = "pqrstuv"  # no library of libc has such a name
COMPILERS = {"glibc": "gcc", "musl": "musl-gcc"}


@dataclasses.dataclass(frozen=True)
class Graph:
    """`needs` is a tuple of (name, names it needs), "main" for the program; `steps` is STEPS of cases/order_graphs/steps.h."""
    needs: tuple
    steps: tuple = ()
    first: str = ""  # linked with -z initfirst
    uses: tuple = ()  # (name, one or two names whose function its constructor calls)

    def needs_of(self, name):
        return dict(self.needs).get(name, "")

    def uses_of(self, name):
        return dict(self.uses).get(name, "")


def random_bindings(seed):
    """Objects that the program opens for all to see, some in cycles or for good, and whose constructors call each other."""
    chance = random.Random(seed)
    names = NAMES[:chance.randint(3, len(NAMES))]
    group = chance.choice((0.2, 0.4))
    needs, uses = [], []
    for name in names:
        needed = [other for other in names if other != name and chance.random() < group / 2]
        used = [other for other in names if other != name and chance.random() < group]
        needs.append((name, "".join(needed)))
        if used:
            uses.append((name, "".join(chance.sample(used, min(2, len(used))))))
    steps = []
    for name in names:
        steps.append(f"main:{chance.choice('gggk')}{name}")
        if chance.random() < 0.3:
            steps.append(f"main:c{chance.choice(names)}")
    return Graph(tuple(needs), tuple(steps), uses=tuple(uses))


def random_graph(seed):
    """Cycles are as likely as none; every constructor and the program may open and close."""
    chance = random.Random(seed)
    names = NAMES[:chance.randint(3, len(NAMES))]
    density = chance.choice((0.15, 0.3, 0.5))

    def some(of, likely):
        chosen = [name for name in of if chance.random() < likely]
        chance.shuffle(chosen)
        return "".join(chosen)

    cyclic = chance.random() < 0.4
    needs = [("main", some(names, chance.choice((0, 0.2, 0.4))))]
    for at, name in enumerate(names):
        others = [other for other in names if other != name] if cyclic else list(names[at + 1:])
        needs.append((name, some(others, density)))
    steps = []
    for name in names:
        if chance.random() < 0.3:
            steps.append(f"{name}+{chance.choice('ogn')}{chance.choice(names)}")
        if chance.random() < 0.3:
            steps.append(f"{name}-{chance.choice('nns')}{chance.choice(names)}")
    for _ in range(chance.randint(1, 6)):
        steps.append(f"main:{chance.choice('ooggccns')}{chance.choice(names)}")
    first = chance.choice(names) if chance.random() < 0.2 else ""
    # glibc constructs it before its own libc, which has no environment yet.
    steps = [step for step in steps if not (first and step.startswith(f"{first}+"))]
    return Graph(tuple(needs), tuple(steps), first)


@functools.lru_cache
def _parts(libc, folder):
    """Object files of all names, and libraries to link with that need nothing."""
    compiler = COMPILERS[libc]
    for name in NAMES:
        _call(compiler, "-fPIC", "-c", f"-DOBJECT={name}", "-o", folder / f"{name}.o", _CASES / "object.c")
        _call(compiler, "-shared", "-o", folder / f"lib{name}.so", folder / f"{name}.o", f"-Wl,-soname,lib{name}.so")
    _call(compiler, "-fPIE", "-c", "-o", folder / "main.o", _CASES / "program.c")
    return folder


def build(graph, libc, parts, folder):
    """The program; its objects lie beside it."""
    folder.mkdir(exist_ok=True)
    parts.mkdir(exist_ok=True)
    compiler, parts = COMPILERS[libc], _parts(libc, parts)
    usual = ("-L", parts, "-Wl,--no-as-needed", "-Wl,-rpath,$ORIGIN", "-Wl,--allow-shlib-undefined")

    def object_file(name):
        uses = [f"-DUSE{number}={used}" for number, used in enumerate(graph.uses_of(name), 1)]
        if not uses:
            return parts / f"{name}.o"
        _call(compiler, "-fPIC", "-c", f"-DOBJECT={name}", *uses, "-o", folder / f"{name}.o", _CASES / "object.c")
        return folder / f"{name}.o"

    def libraries(name):
        return [f"-l{needed}" for needed in graph.needs_of(name)]

    for name, _ in graph.needs:
        if name == "main":
            continue
        marks = ["-Wl,-z,initfirst"] if name == graph.first else []
        _call(compiler, "-shared", "-o", folder / f"lib{name}.so", object_file(name), f"-Wl,-soname,lib{name}.so",
              *usual, *marks, *libraries(name))
    _call(compiler, "-pie", "-o", folder / "program", parts / "main.o", *usual, *libraries("main"), "-ldl")
    return folder / "program"


def lines(program, loader, graph, library_path=(), **more):
    """What the program says under a loader, and its status. `more` goes into its environment."""
    options = ["--library-path", ":".join(map(str, [*library_path, program.parent]))]
    variables = {"STEPS": " ".join(graph.steps), **more}
    result = run([loader, *options, program], env=environment(**variables), timeout=20)
    return [*result.out.splitlines(), f"status {result.status}", *result.err.splitlines()]


def _call(*command):
    subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True)
