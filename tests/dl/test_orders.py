"""Constructors and destructors run in the order in which the libc in use runs them, whatever is opened where."""

import dataclasses

import order_graphs
import own_dlopen
import pytest
from order_graphs import Graph
from workshop import places

GLIBCS = ("glibc", "glibc-trixie", "glibc-sid")
MUSLS = ("musl", "musl-sid")

CASES = {
    "a constructor opens a start-up library whose turn comes later":
        Graph((("main", "pq"), ("p", ""), ("q", "")), ("q+op", "p+oq")),
    "a constructor opens what needs a start-up library whose turn comes later":
        Graph((("main", "pq"), ("p", ""), ("q", ""), ("r", "p")), ("q+or", "p+or")),
    "a start-up library opens another object and both are destroyed":
        Graph((("main", "p"), ("p", ""), ("q", "")), ("p+oq", "p-nq")),
    "the opened object comes last in a cycle": Graph((("p", "q"), ("q", "p")), ("main:op",)),
    "the opened object comes last in a ring": Graph((("p", "qr"), ("q", "r"), ("r", "p")), ("main:op", "main:cp")),
    "a cycle at start-up": Graph((("main", "p"), ("p", "q"), ("q", "r"), ("r", "p"))),
    "a constructor opens an object of its own group":
        Graph((("p", "qrs"), ("q", ""), ("r", "tu"), ("s", ""), ("t", ""), ("u", "t")), ("q+or", "s+or", "main:op")),
    "a constructor opens the object that is being opened":
        Graph((("p", "qr"), ("q", ""), ("r", "")), ("r+op", "q+op", "main:op", "main:op")),
    "an initfirst library at start-up": Graph((("main", "pqr"), ("p", ""), ("q", "r"), ("r", "")), first="q"),
    "an initfirst library is opened":
        Graph((("p", "qr"), ("q", ""), ("r", ""), ("s", "")), ("main:os", "main:op"), first="q"),
    "the program exits in a start-up constructor":
        Graph((("main", "pqr"), ("p", ""), ("q", ""), ("r", "")), ("q+x",)),
    "the program exits in the constructor of an opened object":
        Graph((("main", "p"), ("p", ""), ("q", "rs"), ("r", ""), ("s", "")), ("s+x", "r+x", "main:oq")),
    "a destructor in a dlclose finds itself and what it needs":
        Graph((("p", "q"), ("q", "")), ("p-sq", "p-sp", "p-nq", "p-np", "q-sp", "q-np", "main:gp", "main:cp")),
    "a destructor in a dlclose opens and closes another object":
        Graph((("p", "q"), ("q", ""), ("r", "")), ("p-or", "p-cr", "main:gp", "main:cp", "main:nr")),
    "a destructor in a dlclose opens its own object":
        Graph((("p", ""), ("q", "")), ("p-op", "main:op", "main:cp", "main:oq")),
    "a destructor at exit asks for its own object and for one that is destroyed":
        Graph((("p", ""), ("q", "")), ("p-np", "p-nq", "q-np", "q-nq", "main:op", "main:oq")),
    "destructors at exit close objects":
        Graph((("main", "p"), ("p", ""), ("q", ""), ("r", "")), ("p-cq", "q-cr", "main:oq", "main:or")),
    "a destructor at exit opens an object":
        Graph((("main", "p"), ("p", ""), ("q", "r"), ("r", "")), ("p-oq", "p-nq")),
    "an object in a cycle is bound to what it needs":
        Graph((("p", "qr"), ("q", ""), ("r", "p"), ("s", "q")), ("main:gp", "main:gs"), uses=(("s", "q"),)),
    "an object is bound to what it does not need":
        Graph((("p", ""), ("q", ""), ("r", "p"), ("s", "")), ("main:gp", "main:gq", "main:gs", "main:gr"),
              uses=(("s", "pq"), ("q", "p"))),
    "what was opened is destroyed after the library that opened it":
        Graph((("main", "pq"), ("p", ""), ("q", ""), ("r", "p"), ("s", "")), ("p+or", "q+os", "main:cr", "p-nr")),
}
SHORT, LONG = 5, 120  # random graphs for each libc


@dataclasses.dataclass(frozen=True)
class Libc:
    oracle: str
    library_path: tuple
    family: str


def libc_of(name):
    family = name.split("-")[0]
    if name == family:
        return Libc(places.interpreter(family, "x86_64"), (), family)
    try:
        root = places.root(name)
    except places.RootUnavailable as reason:
        pytest.skip(str(reason))
    return Libc(str(root.loader), tuple(root.library_dirs), family)


@pytest.fixture(scope="session")
def parts(tmp_path_factory):
    return tmp_path_factory.mktemp("parts")


@pytest.fixture
def compare(parts, tmp_path):
    """Whether a graph's program says under our loader what it says under libc's own."""
    def compare(graph, name, **variables):
        libc = libc_of(name)
        program = order_graphs.build(graph, libc.family, parts / libc.family, tmp_path / "built")
        tunables = {name: value for name, value in variables.items() if name == "GLIBC_TUNABLES"}
        wanted = order_graphs.lines(program, libc.oracle, graph, libc.library_path, **tunables)
        if constructs_again(wanted):
            return
        own_dlopen.require("x86_64")
        found = order_graphs.lines(program, places.loader_under_test("x86_64"), graph, libc.library_path,
                                   **variables)
        assert found == wanted, graph
    return compare


def constructs_again(lines):
    """glibc constructs start-up libraries a second time that are asked for once they are destroyed; nobody can want it.

    So only `exit` can show it: an object that begins though it is in the process and has not been closed."""
    end = lines.index("main ends") if "main ends" in lines else len(lines)
    begun = [line for line in lines[:end] if line.endswith(" begins")]
    return any(line in begun for line in lines[end:] if line.endswith(" begins"))


@pytest.mark.parametrize("libc", [*GLIBCS, *MUSLS])
@pytest.mark.parametrize("name", CASES)
def test_the_order_is_that_of_libcs_own_loader(name, libc, compare):
    compare(CASES[name], libc)


@pytest.mark.parametrize("libc", [*GLIBCS, *MUSLS])
@pytest.mark.parametrize("first, count", [(0, SHORT), pytest.param(SHORT, LONG, marks=[pytest.mark.slow, pytest.mark.long])])
def test_the_order_of_random_graphs_is_that_of_libcs_own_loader(first, count, libc, compare):
    for seed in range(first, first + count):
        compare(order_graphs.random_graph(seed), libc)


@pytest.mark.parametrize("libc", [*GLIBCS, *MUSLS])
@pytest.mark.parametrize("first, count", [(0, SHORT), pytest.param(SHORT, LONG, marks=[pytest.mark.slow, pytest.mark.long])])
def test_the_order_of_bound_objects_is_that_of_libcs_own_loader(first, count, libc, compare):
    for seed in range(first, first + count):
        compare(order_graphs.random_bindings(seed), libc)


@pytest.mark.parametrize("policy", ["+dlopen", "off"])
@pytest.mark.parametrize("libc", GLIBCS)
def test_what_is_sealed_does_not_change_the_order(libc, policy, compare):
    for seed in range(SHORT):
        graph = order_graphs.random_bindings(seed)
        never_closing = tuple(step for step in graph.steps if not step.startswith("main:c"))
        compare(dataclasses.replace(graph, steps=never_closing), libc, LDSEAL=policy)


OLDER_SORT = "glibc.rtld.dynamic_sort=1"


@pytest.mark.parametrize("libc", GLIBCS)
@pytest.mark.parametrize("name", CASES)
def test_the_older_order_is_that_of_glibcs_tunable(name, libc, compare):
    compare(CASES[name], libc, GLIBC_TUNABLES=OLDER_SORT)


@pytest.mark.parametrize("libc", GLIBCS)
@pytest.mark.parametrize("first, count", [(0, SHORT), pytest.param(SHORT, LONG, marks=[pytest.mark.slow, pytest.mark.long])])
def test_the_older_order_of_random_graphs_is_that_of_glibcs_tunable(first, count, libc, compare):
    for seed in range(first, first + count):
        compare(order_graphs.random_graph(seed), libc, GLIBC_TUNABLES=OLDER_SORT)
        compare(order_graphs.random_bindings(seed), libc, GLIBC_TUNABLES=OLDER_SORT)
