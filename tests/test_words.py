"""Comments are plain sentences, in words that people know, and no line is longer than 100 columns."""

import re

import pytest

from loaders import PROJECT


FOLDERS = ("ldso/base", "ldso/elf", "ldso/abi", "ldso/sys", "ldso/mem", "ldso/image", "ldso/link", "ldso/seal",
           "ldso/words", "ldso/include", "ldso/libc", "ldso/process", "ldso/threads", "ldso/dl", "ldso/api", "ldso/start", "crt",
           "arch")
SUFFIXES = (".cc", ".h", ".S", ".in", ".build")
LONGEST_LINE = 100

# Each is always wrong in a comment here; beside it, what to write instead.
PRIVATE_WORDS = {
    r"who(m|so)?ever": "name the caller, the thread or the program",
    r"nobody('s)?|no one": "say what does not happen, or that something is undefined or unused",
    r"heed(s|ed|ing)?": "check, support, follow",
    r"(tells?|told|telling)": "say, report, return, log",
    r"of (its|their|one's|your) own": "separate, own, another",
    r"as good as (none|no)": "counts as absent",
    r"(is|be) the matter of": "concerns",
    r"(is|are|not|be) to be had": "is not available",
    r"fares?": "say what happens",
    r"(brings?|bringing|brought) .{0,20}into being": "make",
    r"make a fuss": "be noisy",
    r"may not be meant|cannot be meant": "is ignored, is wrong",
    r"ourselves": "ld-seal",
    r"opened objects?": "dlopened object",
}
PATTERN = re.compile(r"\b(" + "|".join(f"(?:{word})" for word in PRIVATE_WORDS) + r")\b", re.IGNORECASE)

DIRECTIVES = "include|pragma|if|ifdef|ifndef|else|elif|endif|define|error|undef"
LINE_COMMENT = re.compile(rf"(?:^|\s)(?://|#(?!\s*(?:{DIRECTIVES})\b)) ?(.*)")
BLOCK_COMMENT = re.compile(r"/\*(.*?)\*/", re.DOTALL)


def comments(text):
    """(number of its first line, text) of every comment; neighbouring lines are one comment."""
    number, block = 0, []
    for number, line in enumerate(text.splitlines(), 1):
        found = LINE_COMMENT.search(line)
        if found and (not block or line.lstrip()[:1] in "/#"):
            block.append(found[1])
            continue
        if block:
            yield number - len(block), " ".join(block)
        block = [found[1]] if found else []
    if block:
        yield number - len(block) + 1, " ".join(block)
    for found in BLOCK_COMMENT.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, " ".join(found[1].split())


def private_words(text):
    return [(number, found[0].lower()) for number, comment in comments(text) for found in PATTERN.finditer(comment)]


def sources(folder):
    found = sorted(path for path in (PROJECT / folder).rglob("*") if path.is_file() and path.name.endswith(SUFFIXES))
    assert found, f"{folder} has no sources"
    return found


@pytest.mark.parametrize("text, words", [
    ("// Whoever calls it.\nint a;\n", [(1, "whoever")]),
    ("int a;  // heeded by\n// nobody.\n", [(1, "heeded"), (1, "nobody")]),
    ("int a;\n// A mapping of\n// its own.\n", [(2, "of its own")]),
    ("/* A block\n   that is told. */\n", [(1, "told")]),
    ("# A script's comment tells it.\n", [(1, "tells")]),
    ('const char* text = "whoever";\nint nobody = 0;\n', []),
    ("// Its own table, shared by welfare.\n", []),
])
def test_the_check_finds_private_words_in_comments_alone(text, words):
    assert private_words(text) == words


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_comment_uses_a_private_word(folder):
    found = [f"{path.relative_to(PROJECT)}:{number}: {word}" for path in sources(folder)
             for number, word in private_words(path.read_text())]
    assert found == [], f"write plainly: {PRIVATE_WORDS}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_line_of_a_source_is_too_long(folder):
    """Scripts and build files may have 120 columns, as Python has here."""
    longest = {".in": 120, ".build": 120}
    long = [f"{path.relative_to(PROJECT)}:{number}" for path in sources(folder)
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if len(line) > longest.get(path.suffix, LONGEST_LINE)]
    assert long == []
