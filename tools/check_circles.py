#!/usr/bin/env python3
"""Checks what the built files refer to: no circle of files, and nothing in a higher layer.

    tools/check_circles.py BUILD [ROOT]     one line for each violation; exit status 1 if there is any

BUILD is a build directory of ROOT, with the objects of the loader and of the start objects. A file refers to another
one if its object has an undefined symbol that the other's object defines: a function that it calls, or a variable.
An include is not needed for that, so tools/check_layers.py, which reads includes, does not see it all.

  * Files that refer to each other in a circle are one file, and a reader has to know them all at once.
  * In the loader a file of ldso/<layer>/ refers to nothing that a higher layer defines. (crt/ brings its own, smaller
    version of two of the files that it is linked with.)

Weak symbols, of inline functions and templates, are in every object that uses them, so they are ignored. Files of arch/
are left out: an assembler file is one half of the files whose functions it calls and that name its own.
"""

import os
import subprocess
import sys
from pathlib import Path

from check_layers import ABOVE_ALL, LEVELS, sources


def parts_of(build):
    """The objects that are linked together, as lists of folders, and the folder that their sources are named from."""
    crt = build / ABOVE_ALL
    for folder in sorted((build / "ldso").glob("ld-seal-*.so.1.p")):
        yield "ldso", [folder]
    for folder in sorted(crt.glob("libcrt-*.a.p")):
        if folder.name != "libcrt-common.a.p":
            yield ABOVE_ALL, [folder, crt / "libcrt-common.a.p"]


def source_names(root, start):
    """Meson's name of the object of each source of the project, and that source."""
    def object_name(path):
        return os.path.relpath(root / path, root / start).replace("/", "_") + ".o"
    return {object_name(path): path for path in sources(root)}


def symbols(objects):
    """What each object defines and what it leaves undefined, as nm says."""
    answer = subprocess.run(["llvm-nm", "--format=posix", "-A", *objects], check=True, capture_output=True, text=True)
    defined, undefined = {}, {}
    for line in answer.stdout.splitlines():
        file, _, symbol = line.rpartition(": ")
        name, kind = symbol.split()[:2]
        if kind == "U":
            undefined.setdefault(Path(file), set()).add(name)
        elif kind in "TDBR":
            defined[name] = Path(file)
    return defined, undefined


def references(folders, names):
    """Of each source, the other sources whose objects define what it refers to."""
    objects = [file for folder in folders for file in folder.glob("*.o") if file.name in names]
    if not objects:
        return {}
    defined, undefined = symbols(objects)
    of = {file: names[file.name] for file in objects}
    graph = {source: set() for source in of.values() if source.parts[0] != "arch"}
    for file, wanted in undefined.items():
        if of[file] in graph:
            graph[of[file]] |= {of[defined[name]] for name in wanted if name in defined} & graph.keys() - {of[file]}
    return graph


def reachable(graph, start):
    seen, todo = set(), [start]
    while todo:
        for node in graph[todo.pop()] - seen:
            seen.add(node)
            todo.append(node)
    return seen


def circles(graph):
    """The groups of more than one node in which each reaches each other one."""
    reach = {node: reachable(graph, node) for node in graph}
    groups = {frozenset({node} | {other for other in reach[node] if node in reach[other]}) for node in graph}
    return sorted(sorted(group) for group in groups if len(group) > 1)


def upward(graph):
    """The references from a layer into a higher one."""
    def level(path):
        return LEVELS[path.parts[1]]
    return sorted((source, target) for source, targets in graph.items() for target in targets
                  if level(source) < level(target))


def violations(build, root):
    for start, folders in parts_of(build):
        graph = references(folders, source_names(root, start))
        if not graph:
            yield f"{folders[0]}: there is no object"
        for group in circles(graph):
            yield f"a circle: {' '.join(map(str, group))}"
        for source, target in upward(graph) if start == "ldso" else []:
            yield f"{source} refers to what {target} defines, which is above"


def main():
    build = Path(sys.argv[1])
    root = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).resolve().parent.parent
    found = list(dict.fromkeys(violations(build, root)))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
