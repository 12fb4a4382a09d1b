#!/usr/bin/env python3
"""Checks what holds the loader's folders apart: folder = layer, and a file may include only lower layers.

    tools/check_layers.py [ROOT]     one line for each violation; exit status 1 if there is any

Rules, over ldso/, crt/ and arch/:
  * a file of ldso/<layer>/ includes only its own folder, folders of a lower level, and arch/;
  * crt/ stands above them all: it includes its own files, any layer, and arch/; no other folder includes it;
  * ldso/include/ has what users include, <ldseal/...>: it includes nothing of the project by path;
  * a file of arch/<machine>/ includes only its own folder, ldso/base/ and ldso/elf/;
  * arch/native.h, which chooses a machine, and arch/machine.h, which says what one is, and no other, include the
    machines' files;
  * project headers are named from the project's root, so that a reader (and this script) sees the layer;
  * the page size comes from AT_PAGESZ: 4096 and 0x1000 are written nowhere;
  * there is one #if on the machine in arch/native.h, and one in ldso/include/ldseal/exempt.h, which users compile
    without the rest of the tree; there is none anywhere else. Both end in #else and #error, so that no machine is
    taken for another.
"""

import re
import sys
from pathlib import Path

LEVELS = {name: level for level, name in enumerate(
    ("base", "elf", "abi", "sys", "mem", "image", "link", "seal", "libc", "process", "threads", "words", "dl", "api", "start"))}
BELOW_ARCH = ("base", "elf")
ABOVE_ALL = "crt"
PUBLIC = "include"
MAY_CHOOSE_MACHINE = (Path("arch/native.h"), Path("ldso/include/ldseal/exempt.h"))
OF_ALL_MACHINES = (Path("arch/native.h"), Path("arch/machine.h"))
SOURCES = {".cc", ".c", ".h", ".S"}

COMMENT_OR_LITERAL = re.compile(
    r"""(?P<comment> //[^\n]* | /\*.*?\*/ )
      | (?P<literal> "(?:\\.|[^"\\\n])*" | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+' )""", re.VERBOSE | re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
PAGE_SIZE = re.compile(r"(?<![\w.'])(?:4'?096|0[xX]0*1'?000|010000)(?:[uUlLzZ]*)(?![\w.'])")
MACHINES = "x86_64|amd64|i386|aarch64|AARCH64|arm|ARM|riscv|loongarch|powerpc|s390|mips|sparc"
CONDITION = re.compile(rf"^\s*#\s*(?:if|ifdef|ifndef|elif)\b.*\b__(?:{MACHINES})")
ELSE = re.compile(r"^\s*#\s*else\b")
ERROR = re.compile(r"^\s*#\s*error\b")
END = re.compile(r"^\s*#\s*endif\b")


def without_comments(text, literals_too):
    """The same lines with comments (and, asked for, literals) blanked out."""
    def blank(match):
        if match["literal"] and not literals_too:
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])
    return COMMENT_OR_LITERAL.sub(blank, text)


def sources(root):
    return sorted(path.relative_to(root) for folder in ("ldso", ABOVE_ALL, "arch") for path in (root / folder).rglob("*")
                  if path.suffix in SOURCES)


def include_violation(path, target):
    """Why the file `path` may not include `target`, or None."""
    to = Path(target).parts
    if to[0] == path.parts[0] == ABOVE_ALL:
        return None
    if to[0] not in ("ldso", "arch") or (len(to) < 3 and Path(target) not in OF_ALL_MACHINES):
        return f'includes "{target}"; name it from the project root, as in "ldso/base/error.h"'
    if path.parts[:2] == to[:2]:
        return None
    if to[0] == "ldso" and to[1] not in LEVELS:
        return f"includes {target}, and {to[1]} is no layer"
    if path.parts[0] == "arch":
        if (to[0] == "ldso" and to[1] in BELOW_ARCH) or (to[0] == "arch" and path in OF_ALL_MACHINES):
            return None
        return f"{'/'.join(path.parts[:2])} includes {target}; it may include only its own folder, ldso/base and ldso/elf"
    if to[0] == "arch" or path.parts[0] == ABOVE_ALL:
        return None
    source, wanted = path.parts[1], to[1]
    if LEVELS[wanted] <= LEVELS[source]:
        return None
    return f"{source} includes {target}, and {wanted} is above"


def check_includes(path, lines):
    if path.parts[:2] == ("ldso", PUBLIC):
        for number, line in enumerate(lines, 1):
            if include := INCLUDE.match(line):
                yield f'{path}:{number}: includes "{include[1]}"; a header for users includes only <...>'
        return
    if path.parts[0] == "ldso" and (len(path.parts) < 3 or path.parts[1] not in LEVELS):
        yield f"{path}:1: lies in no layer; the layers are {', '.join(LEVELS)}"
        return
    for number, line in enumerate(lines, 1):
        if (include := INCLUDE.match(line)) and (reason := include_violation(path, include[1])):
            yield f"{path}:{number}: {reason}"


def check_page_size(path, lines):
    for number, line in enumerate(lines, 1):
        if path.parts[0] in ("ldso", ABOVE_ALL) and (found := PAGE_SIZE.search(line)):
            yield f"{path}:{number}: the literal page size {found[0]}; the page size comes from AT_PAGESZ"


def machine_conditions(lines):
    """(line number, whether its #else is an #error) of each #if on the machine; its #elif are not counted."""
    opened = None
    for number, line in enumerate(lines, 1):
        if opened is None:
            if CONDITION.match(line):
                opened, is_closed = number, False
        elif ELSE.match(line):
            is_closed = any(ERROR.match(after) for after in lines[number:number + 1])
        elif END.match(line):
            yield opened, is_closed
            opened = None


def check_machine_conditions(path, lines):
    """One is allowed, in two files; all others are too many."""
    allowed = 1 if path in MAY_CHOOSE_MACHINE else 0
    places = " and ".join(map(str, MAY_CHOOSE_MACHINE))
    for before, (number, is_closed) in enumerate(machine_conditions(lines)):
        if before >= allowed:
            yield f"{path}:{number}: an #if on the machine; the only ones belong in {places}"
        elif not is_closed:
            yield f"{path}:{number}: an #if on the machine that does not end in #else and #error"


def violations(root):
    found = []
    for path in sources(root):
        text = (root / path).read_text()
        bare = without_comments(text, literals_too=True).splitlines()
        found += check_includes(path, without_comments(text, literals_too=False).splitlines())
        found += check_page_size(path, bare)
        found += check_machine_conditions(path, bare)
    return found


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = violations(root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
