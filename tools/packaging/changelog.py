"""CHANGELOG.md in the form of Debian's changelogs (deb-changelog(5))."""

import datetime
import re
import textwrap

MAINTAINER = "ldseal authors <authors@ldseal.example>"
RELEASE = re.compile(r"^## \[([^\]]+)\](?: - (\d{4}-\d\d-\d\d))?\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
SECTION = re.compile(r"^### ([^\n]+)\n(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)
ITEM = re.compile(r"^- (.*?)(?=^- |\Z)", re.MULTILINE | re.DOTALL)
WIDTH = 78


def debian(text, release):
    """One entry for each release; the newest, which has the packages' version, is what is not yet released."""
    entries, version, time = [], release.version, release.time
    for name, day, body in RELEASE.findall(text):
        if day:
            time = datetime.datetime.fromisoformat(f"{day}T00:00:00+00:00")
            version = release.version if name == release.version else name
        if items := items_of(body):
            entries.append(entry(version, items, time))
    return "\n".join(entries)


def items_of(body):
    return [line for section, content in SECTION.findall(body) for line in section_lines(section, content)]


def section_lines(section, content):
    yield f"  [ {section} ]"
    for item in ITEM.findall(content):
        yield textwrap.fill(" ".join(item.split()), WIDTH, initial_indent="  * ", subsequent_indent="    ",
                            break_long_words=False, break_on_hyphens=False)


def entry(version, lines, time):
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000")
    return f"ldseal ({version}) unstable; urgency=medium\n\n" + "\n".join(lines) + f"\n\n -- {MAINTAINER}  {date}\n"
