"""What every source file of the tree must be: built, formatted, and a file."""

import ast
import re

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


def test_every_unit_test_source_is_built():
    folder = PROJECT / "tests" / "unit"
    listed = (folder / "meson.build").read_text()
    forgotten = [path.name for path in folder.glob("*_test.cc") if f"'{path.name}'" not in listed]
    assert forgotten == []
