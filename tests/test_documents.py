"""The documents of the tree: every link leads somewhere, and every function and file that they name exists."""

import re
from functools import cache

import pytest

from loaders import PROJECT

LINK = re.compile(r"\[[^\[\]]*\]\(([^()\s]+)\)")
FUNCTION = re.compile(r"`(?:\w+::)*(\w+)\(\)`")
FILE = re.compile(r"`((?:\.\./)?(?:ldso|arch|crt|tests|tools)/[\w./-]+)`")
# Functions of libc, of C++ and of programs, which documents name too.
FOREIGN = {"main", "puts", "mseal"}


def documents():
    return sorted(path for path in PROJECT.rglob("*.md")
                  if not path.relative_to(PROJECT).parts[0].startswith(("build", ".")))


def text_of(document):
    """Without blocks of code, which are not Markdown."""
    return re.sub(r"^```.*?^```$", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)


def anchors(document):
    """The names that GitHub and GitLab give to headings."""
    headings = re.findall(r"^#+ (.+)$", text_of(document), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def source_text():
    folders = ("ldso", "crt", "arch", "tools", "tests")
    return "\n".join(path.read_text() for folder in folders for path in sorted((PROJECT / folder).rglob("*"))
                     if path.suffix in (".cc", ".h", ".S", ".c", ".py"))


def broken_links(document):
    for target in LINK.findall(text_of(document)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        leads_to = document if path == "" else (document.parent / path).resolve()
        if not leads_to.exists():
            yield f"{target}: no such file"
        elif anchor and anchor not in anchors(leads_to):
            yield f"{target}: no such heading"


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_link_leads_somewhere(document):
    assert list(broken_links(document)) == []


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_function_that_is_named_exists(document):
    named = set(FUNCTION.findall(document.read_text())) - FOREIGN
    missing = sorted(name for name in named if not re.search(rf"\b{name}\s*(?:\(|:$)", source_text(), re.MULTILINE))
    assert missing == []


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_file_that_is_named_exists(document):
    named = {name.removeprefix("../").rstrip("/") for name in FILE.findall(document.read_text())}
    assert sorted(name for name in named if not (PROJECT / name).exists()) == []


def test_the_anchor_of_a_heading_is_what_hosts_make_of_it(tmp_path):
    document = tmp_path / "a.md"
    document.write_text("# What `require` checks, and when\n```\n# no heading\n```\n## A tour: one hello\n")
    assert anchors(document) == {"what-require-checks-and-when", "a-tour-one-hello"}


@pytest.mark.parametrize("link, complaint", [
    ("(nowhere.md)", "nowhere.md: no such file"), ("(#nothing)", "#nothing: no such heading")])
def test_a_link_that_leads_nowhere_is_found(tmp_path, link, complaint):
    document = tmp_path / "a.md"
    document.write_text(f"# Title\n[text]{link} [title](#title) [far](https://example.org/x)\n")
    assert list(broken_links(document)) == [complaint]
