"""What every source file of the tree must be: built, formatted, and a file."""

import ast
import re
from pathlib import Path

from loaders import PROJECT
from process import run


FOLDERS = ("ldso", "crt", "arch", "tools", "tests/unit", "tests/lib_cc", "tests/damage", "tests/fuzz", "tests/bench")


SHORT = 8  # lines of C that may be a string (tests/lib/sources.py)
SIGNS_OF_C = (r"^\s*#\s*(include|define|if|ifdef|ifndef)\b", r"\b(int|void|char|long|auto)\b[\s*]+\w+\s*\(",
              r";\s*$", r"\{\s*$", r"^\s*\.(text|data|globl|global|section|type)\b")


def cpp_sources():
    """Ours; not the test programs outside `cases`: tests/real and others have forms of their own."""
    folders = [PROJECT / name for name in FOLDERS]
    ours = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".cc", ".h")]
    programs = [path for path in (PROJECT / "tests").glob("*/cases/*/*") if path.suffix in (".c", ".cc", ".h")]
    return sorted({path.relative_to(PROJECT) for path in ours + programs})


def texts(tree):
    """(node, text) of every string; what an f-string fills in is a word."""
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node, "".join(part.value if isinstance(part, ast.Constant) else "word" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node, node.value


def is_long_c(text):
    lines = [line for line in text.splitlines() if line.strip()]
    signs = sum(re.search(sign, text, re.MULTILINE) is not None for sign in SIGNS_OF_C)
    return len(lines) > SHORT and signs >= 2


def test_every_cpp_source_is_formatted():
    result = run(["clang-format", "--dry-run", *cpp_sources()], cwd=PROJECT, timeout=120)
    unformatted = sorted({line.split(":")[0] for line in result.err.splitlines() if ": warning: code should" in line})
    assert result.status == 0, result
    assert unformatted == [], f"clang-format -i {' '.join(unformatted)}"


def test_every_test_program_of_more_than_a_few_lines_is_a_file():
    strings = [f"{path.relative_to(PROJECT)}:{node.lineno}" for path in sorted((PROJECT / "tests").rglob("*.py"))
               for node, text in texts(ast.parse(path.read_text())) if is_long_c(text)]
    assert strings == []


def test_every_test_program_says_first_what_it_does():
    silent = [str(path.relative_to(PROJECT)) for path in (PROJECT / "tests").glob("*/cases/*/*")
              if path.suffix in (".c", ".cc", ".h", ".S") and not path.read_text().startswith("// ")]
    assert silent == []


def test_every_test_program_is_used():
    """By its name, in the Python file that its folder belongs to or in a source beside it."""
    def users(path):
        folder, name = path.parents[2], path.parent.name
        return {*folder.rglob(f"{name}.py"), *folder.rglob(f"test_{name}.py"), *folder.glob("cases/*/*.[ch]*")} - {path}

    unused = [str(path.relative_to(PROJECT)) for path in (PROJECT / "tests").glob("*/cases/*/*")
              if not any(f'{path.name}"' in user.read_text() for user in users(path))]
    assert unused == []


UNIT = PROJECT / "tests" / "unit"
TESTED_ELSEWHERE = UNIT / "tested_elsewhere.txt"


def unit_tests():
    """tests/unit/<layer>/<file>_test.cc, or <file>_<what>_test.cc, each as <layer>/<file>_test.cc."""
    return sorted(path.relative_to(UNIT) for path in UNIT.rglob("*_test.cc"))


def is_test_of(test, source):
    """Both relative to their trees: elf/header.cc is tested by elf/header_test.cc and elf/header_bits_test.cc."""
    name = test.name.removesuffix("test.cc")
    return test.parent == source.parent and name.startswith(f"{source.stem}_")


def sources(*suffixes):
    return sorted(path.relative_to(PROJECT / "ldso") for path in (PROJECT / "ldso").rglob("*")
                  if path.suffix in suffixes)


def elsewhere_table():
    """The table: source -> (what tests it, why a unit test is not sensible)."""
    lines = [line for line in TESTED_ELSEWHERE.read_text().splitlines() if line and not line.startswith("#")]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    assert all(len(row) == 3 and all(row) for row in rows), "file | what tests it | why"
    assert [row[0] for row in rows] == sorted({row[0] for row in rows}), "sorted, each file once"
    return {Path(file).relative_to("ldso"): (suite, why) for file, suite, why in rows}


def test_every_unit_test_source_is_built():
    listed = (UNIT / "meson.build").read_text()
    assert [str(test) for test in unit_tests() if f"'{test}'" not in listed] == []


def test_every_unit_test_stands_where_its_source_stands():
    """The machines' constants are one test for all machines: arch/target_test.cc and arch/plt_test.cc."""
    known = [*sources(".cc", ".h"), Path("arch/target.h"), Path("arch/plt.h"), Path("arch/machine.h")]
    lost = [str(test) for test in unit_tests() if not any(is_test_of(test, source) for source in known)]
    assert lost == []


def test_every_source_has_a_unit_test_or_a_line_that_says_why_not():
    elsewhere = elsewhere_table()
    untested = [str(source) for source in sources(".cc")
                if source not in elsewhere and not any(is_test_of(test, source) for test in unit_tests())]
    assert untested == [], f"write tests/unit/<layer>/<file>_test.cc, or a line in {TESTED_ELSEWHERE.name}"


def test_no_line_about_tests_elsewhere_is_stale():
    for source, (suite, _) in elsewhere_table().items():
        assert source in sources(".cc"), f"{source} is no more"
        assert (PROJECT / suite).exists(), f"{suite}, which is to test {source}, is no more"
        assert not any(is_test_of(test, source) for test in unit_tests()), f"{source} has a unit test"
