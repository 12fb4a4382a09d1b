"""The loader's layers hold, by includes and by calls, and the checkers of both find what they are there to find."""

import os
import sys

import pytest

from loaders import BUILDS, MACHINES, PROJECT
from process import run

CHECKER = PROJECT / "tools" / "check_layers.py"
CIRCLE_CHECKER = PROJECT / "tools" / "check_circles.py"


def check(root):
    return run([sys.executable, CHECKER, root])


@pytest.fixture
def tree(tmp_path):
    """A small tree in which everything is as it should be."""
    write(tmp_path, "arch/native.h",
          "#include \"arch/machine.h\"\n"
          "#if defined(__x86_64__)\n#include \"arch/x86_64/cpu.h\"\n#elif defined(__aarch64__)\n#else\n#error none\n"
          "#endif\n")
    write(tmp_path, "arch/machine.h", '#include "arch/x86_64/target.h"\n#include "arch/aarch64/target.h"\n')
    write(tmp_path, "ldso/include/ldseal/exempt.h", "#if __x86_64__\n#elif __aarch64__\n#else\n#error none\n#endif\n")
    write(tmp_path, "ldso/link/tls.h", '#include "arch/machine.h"\n')
    write(tmp_path, "ldso/elf/header.h", '#include "arch/native.h"\n#include <span>\n')
    write(tmp_path, "ldso/mem/mapping.cc", '#include "ldso/mem/mapping.h"\n#include "ldso/sys/call.h"\n')
    write(tmp_path, "crt/start.cc", '#include "crt/start.h"\n#include "ldso/words/report.h"\n#include "arch/native.h"\n')
    write(tmp_path, "arch/x86_64/target.h", '#include "ldso/elf/types.h"\n#include "ldso/base/number.h"\n')
    return tmp_path


def write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_the_loader_keeps_to_its_layers():
    result = check(PROJECT)
    assert (result.status, result.out) == (0, ""), result


def test_a_tree_that_keeps_the_rules_passes(tree):
    result = check(tree)
    assert (result.status, result.out) == (0, ""), result


TOO_MANY = "an #if on the machine; the only ones belong in arch/native.h and ldso/include/ldseal/exempt.h"
VIOLATIONS = {
    "a layer above": (
        "ldso/elf/a.cc", '\n#include "ldso/mem/mapping.h"\n',
        "ldso/elf/a.cc:2: elf includes ldso/mem/mapping.h, and mem is above"),
    "the layer directly above": (
        "ldso/libc/a.h", '#include "ldso/process/exit.h"\n',
        "ldso/libc/a.h:1: libc includes ldso/process/exit.h, and process is above"),
    "a layer that does not exist": (
        "ldso/link/a.h", '#include "ldso/extra/a.h"\n',
        "ldso/link/a.h:1: includes ldso/extra/a.h, and extra is no layer"),
    "a layer that includes the start objects": (
        "ldso/start/a.cc", '#include "crt/start.h"\n',
        'ldso/start/a.cc:1: includes "crt/start.h"; name it from the project root, as in "ldso/base/error.h"'),
    "a start object that includes a layer that does not exist": (
        "crt/a.cc", '#include "ldso/extra/a.h"\n', "crt/a.cc:1: includes ldso/extra/a.h, and extra is no layer"),
    "a page size in a start object": (
        "crt/a.cc", "int size = 4096;\n",
        "crt/a.cc:1: the literal page size 4096; the page size comes from AT_PAGESZ"),
    "a machine folder that reaches up": (
        "arch/aarch64/tls.S", '#include "ldso/link/tls.h"\n',
        "arch/aarch64/tls.S:1: arch/aarch64 includes ldso/link/tls.h; it may include only its own folder, "
        "ldso/base and ldso/elf"),
    "a machine folder that includes the other machine's": (
        "arch/aarch64/a.h", '#include "arch/x86_64/target.h"\n',
        "arch/aarch64/a.h:1: arch/aarch64 includes arch/x86_64/target.h; it may include only its own folder, "
        "ldso/base and ldso/elf"),
    "a header named without its layer": (
        "ldso/mem/a.h", '#include "mapping.h"\n',
        'ldso/mem/a.h:1: includes "mapping.h"; name it from the project root, as in "ldso/base/error.h"'),
    "a file in no layer": (
        "ldso/extra/a.h", "", "ldso/extra/a.h:1: lies in no layer; the layers are base, elf, abi, sys, mem, image, "
        "link, seal, libc, process, threads, words, dl, api, start"),
    "a public header that includes a layer": (
        "ldso/include/ldseal/a.h", '#include "ldso/base/error.h"\n',
        'ldso/include/ldseal/a.h:1: includes "ldso/base/error.h"; a header for users includes only <...>'),
    "a page size in decimal": (
        "ldso/mem/a.h", "int size = 4096;\n",
        "ldso/mem/a.h:1: the literal page size 4096; the page size comes from AT_PAGESZ"),
    "a page size in hexadecimal": (
        "ldso/mem/a.h", "auto end = (at + 0x1000u - 1);\n",
        "ldso/mem/a.h:1: the literal page size 0x1000u; the page size comes from AT_PAGESZ"),
    "a page size with a digit separator": (
        "ldso/mem/a.h", "int size = 4'096;\n",
        "ldso/mem/a.h:1: the literal page size 4'096; the page size comes from AT_PAGESZ"),
    "a second #if on the machine where the first one is": (
        "arch/native.h", "#if __x86_64__\n#else\n#error none\n#endif\n#if __aarch64__\n#endif\n",
        f"arch/native.h:5: {TOO_MANY}"),
    "an #if on the machine elsewhere": (
        "ldso/dl/a.h", "#ifdef __aarch64__\n#endif\n", f"ldso/dl/a.h:1: {TOO_MANY}"),
    "an #if on a machine that ldseal does not run on": (
        "ldso/dl/a.h", "#if defined(__riscv)\n#endif\n", f"ldso/dl/a.h:1: {TOO_MANY}"),
    "an #if on the machine in another public header": (
        "ldso/include/ldseal/policy.h", "#ifdef __aarch64__\n#endif\n",
        f"ldso/include/ldseal/policy.h:1: {TOO_MANY}"),
    "an #else that takes an unknown machine for a known one": (
        "ldso/include/ldseal/exempt.h", "#if __x86_64__\n#define A 1\n#else\n#define A 2\n#endif\n",
        "ldso/include/ldseal/exempt.h:1: an #if on the machine that does not end in #else and #error"),
    "a machine's header included past arch/native.h": (
        "arch/other.h", '#include "arch/x86_64/cpu.h"\n',
        "arch/other.h:1: arch/other.h includes arch/x86_64/cpu.h; it may include only its own folder, ldso/base and ldso/elf"),
}


@pytest.mark.parametrize("path, text, line", VIOLATIONS.values(), ids=VIOLATIONS)
def test_one_planted_violation_is_reported_in_one_line(tree, path, text, line):
    write(tree, path, text)
    result = check(tree)
    assert (result.status, result.out) == (1, line + "\n"), result


HARMLESS = {
    "a page size in a comment": "// 4096 bytes\n/* 0x1000\n 4096 */ int a;\n",
    "a page size in a text": 'auto a = "4096";\n',
    "a number that only contains a page size": "int a = 40960, b = 0x10000, c = 0x1000f, d = 14096;\n",
    "an include in a comment": '// #include "ldso/start/main.h"\n',
    "a machine's name outside a condition": "// #if __x86_64__\nint __x86_64__a;\n",
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_only_looks_like_a_violation_is_none(tree, text):
    write(tree, "ldso/mem/a.h", text)
    result = check(tree)
    assert (result.status, result.out) == (0, ""), result


def check_circles(build, root):
    return run([sys.executable, CIRCLE_CHECKER, build, root])


@pytest.mark.parametrize("machine", MACHINES)
def test_no_files_of_the_loader_or_the_start_objects_call_each_other_in_a_circle(machine):
    result = check_circles(PROJECT / BUILDS[machine], PROJECT)
    assert (result.status, result.out) == (0, ""), result


LOADER_OBJECTS = "build/ldso/ld-seal-x86_64.so.1.p"


def compile_into(objects, root, start, path, text):
    """Writes the source `path` and its object, under the name that meson gives it in a build of the folder `start`."""
    write(root, path, text)
    object_file = root / objects / (os.path.relpath(root / path, root / start).replace("/", "_") + ".o")
    object_file.parent.mkdir(parents=True, exist_ok=True)
    result = run(["clang", "-c", "-O1", "-x", "c++", root / path, "-o", object_file])
    assert result.status == 0, result


def check_loader_of(root, sources):
    for path, text in sources.items():
        compile_into(LOADER_OBJECTS, root, "ldso", path, text)
    return check_circles(root / "build", root)


def calls(own, *others):
    """A source with the function `own`, which calls others."""
    return "".join(f"void {other}(); " for other in others) + f"void {own}() {{ " + \
        "".join(f"{other}(); " for other in others) + "}"


GOOD_CALLS = {
    "a chain down the layers": {
        "ldso/dl/a.cc": calls("a", "b", "c"), "ldso/mem/b.cc": calls("b", "c"), "ldso/elf/c.cc": calls("c")},
    "an inline function of both": {
        "ldso/dl/a.cc": "inline int both(int n) { return n == 0 ? 0 : both(n - 2) + both(n - 1); } "
                        "int b(int); int a(int n) { return b(n) + both(n); }",
        "ldso/dl/b.cc": "inline int both(int n) { return n == 0 ? 0 : both(n - 2) + both(n - 1); } "
                        "int b(int n) { return both(n); }"},
    "an assembler file's half": {
        "ldso/dl/a.cc": calls("a", "b"), "arch/x86_64/b.S": calls("b", "a")},
    "a function with the same name in each file": {
        "ldso/dl/a.cc": "static void own() { asm(\"\"); } " + calls("a", "own", "b").replace("void own(); ", ""),
        "ldso/dl/b.cc": "static void own() { asm(\"\"); } " + calls("b", "own").replace("void own(); ", "")},
}


@pytest.mark.parametrize("sources", GOOD_CALLS.values(), ids=GOOD_CALLS)
def test_calls_without_a_circle_pass(tmp_path, sources):
    result = check_loader_of(tmp_path, sources)
    assert (result.status, result.out) == (0, ""), result


BAD_CALLS = {
    "two files that call each other": (
        {"ldso/dl/a.cc": calls("a", "b"), "ldso/dl/b.cc": calls("b", "a")},
        ["a circle: ldso/dl/a.cc ldso/dl/b.cc"]),
    "a circle of three, and a file that only calls it": (
        {"ldso/dl/a.cc": calls("a", "b"), "ldso/dl/b.cc": calls("b", "c"), "ldso/dl/c.cc": calls("c", "a"),
         "ldso/dl/d.cc": calls("d", "a")},
        ["a circle: ldso/dl/a.cc ldso/dl/b.cc ldso/dl/c.cc"]),
    "a circle by a variable": (
        {"ldso/dl/a.cc": "extern int b; int a() { return b; }",
         "ldso/dl/b.cc": "int a(); int b = 1; int c() { return a(); }"},
        ["a circle: ldso/dl/a.cc ldso/dl/b.cc"]),
    "a call into a higher layer that no include shows": (
        {"ldso/mem/a.cc": calls("a", "b"), "ldso/dl/b.cc": calls("b")},
        ["ldso/mem/a.cc refers to what ldso/dl/b.cc defines, which is above"]),
}


@pytest.mark.parametrize("sources, lines", BAD_CALLS.values(), ids=BAD_CALLS)
def test_a_planted_circle_or_call_upward_is_reported(tmp_path, sources, lines):
    result = check_loader_of(tmp_path, sources)
    assert (result.status, result.out.splitlines()) == (1, lines), result


def test_a_circle_of_the_common_part_of_the_start_objects_and_one_of_them_is_reported(tmp_path):
    compile_into(LOADER_OBJECTS, tmp_path, "ldso", "ldso/mem/a.cc", calls("a"))
    compile_into("build/crt/libcrt-common.a.p", tmp_path, "crt", "ldso/mem/a.cc", calls("a", "b"))
    compile_into("build/crt/libcrt-musl.a.p", tmp_path, "crt", "crt/musl.cc", calls("b", "a"))
    compile_into("build/crt/libcrt-none.a.p", tmp_path, "crt", "crt/none.cc", calls("b"))
    result = check_circles(tmp_path / "build", tmp_path)
    assert (result.status, result.out) == (1, "a circle: crt/musl.cc ldso/mem/a.cc\n"), result


def test_a_build_without_objects_is_no_build_without_circles(tmp_path):
    (tmp_path / LOADER_OBJECTS).mkdir(parents=True)
    result = check_circles(tmp_path / "build", tmp_path)
    assert (result.status, result.out) == (1, f"{tmp_path / LOADER_OBJECTS}: there is no object\n"), result
