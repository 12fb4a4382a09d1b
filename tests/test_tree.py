"""What every source file of the tree must be: built, and formatted."""

from loaders import PROJECT
from process import run


FOLDERS = ("ldso", "crt", "arch", "tools", "tests/unit", "tests/damage", "tests/fake", "tests/fuzz", "tests/bench")


def cpp_sources():
    """Ours; not what the test programs of tests/programs and tests/real are made of, which has forms of its own."""
    folders = [PROJECT / name for name in FOLDERS]
    return sorted(path.relative_to(PROJECT) for folder in folders for path in folder.rglob("*")
                  if path.suffix in (".cc", ".h"))


def test_every_cpp_source_is_formatted():
    result = run(["clang-format", "--dry-run", *cpp_sources()], cwd=PROJECT, timeout=120)
    unformatted = sorted({line.split(":")[0] for line in result.err.splitlines() if ": warning: code should" in line})
    assert result.status == 0, result
    assert unformatted == [], f"clang-format -i {' '.join(unformatted)}"


def test_every_unit_test_source_is_built():
    folder = PROJECT / "tests" / "unit"
    listed = (folder / "meson.build").read_text()
    forgotten = [path.name for path in folder.glob("*_test.cc") if f"'{path.name}'" not in listed]
    assert forgotten == []
