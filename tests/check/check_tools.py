"""Builds objects of each kind, and asks `sealctl check` about them."""

import json
import os
import re
from pathlib import Path

from loaders import PROJECT, loader
from process import environment, run

SEALCTL = PROJECT / "build/tools/sealctl"
LDSEAL_CC = PROJECT / "build/crt/ldseal-cc"
HEADERS = PROJECT / "ldso/include"
FINE, FINDING, USAGE, NOT_PERMITTED = 0, 1, 2, 3
MAIN = "#include <stdio.h>\nint main(void) { return puts(\"hello\") < 0; }\n"
LIBRARY = "static int here;\nint *place = &here;\nint function(void) { return *place; }\n"
USES_LIBRARY = "int function(void);\nint main(void) { return function(); }\n"
WRITABLE_CODE = "__asm__(\".section both, \\\"awx\\\", @progbits\\n.quad 0\\n.text\");\n" + MAIN
# Ends the process before the program's own constructors: everything is sealed by then.
ENDS = "#include <unistd.h>\n__attribute__((constructor)) static void end(void) { _exit(0); }\n"


def build(output, *flags, text=MAIN, compiler="gcc"):
    source = output.with_name(f"{output.name}.c")
    source.write_text(text)
    result = run([compiler, "-O1", "-o", output, source, *flags], timeout=120)
    assert result.status == 0, result
    return output


def build_library(output, *flags, text=LIBRARY, **options):
    return build(output, "-shared", "-fPIC", *flags, text=text, **options)


def check(*arguments, timeout=120, before=(), cwd=None):
    """The exit status and the JSON object."""
    result = run([*before, SEALCTL, "check", "--json", *map(os.fspath, arguments)], timeout=timeout, cwd=cwd)
    assert result.status in (FINE, FINDING, NOT_PERMITTED), result
    assert result.err == "", result
    return result.status, json.loads(result.out)


def seen(path, *arguments, **options):
    """What is said of one file."""
    status, document = check(*arguments, path, **options)
    (file,) = document["files"]
    assert (status == FINE) is (file["outcome"] == "sealed") is (file["reasons"] == []), file
    return file


def rules(file):
    return [reason["rule"] for reason in file["reasons"]]


class Plan:
    """What a start under ld-seal does, by its trace. The program ends before its constructors."""

    LINE = re.compile(r"seal: [0-9a-f]+-[0-9a-f]+ (...) (\w+) (sealed|left) (\S.*?)(?: \((.*)\))?$", re.MULTILINE)

    def __init__(self, program, ending):
        env = environment(LDSEAL_DEBUG="seal", LD_PRELOAD=ending)
        result = run([loader("x86_64"), program], env=env, timeout=60)
        self.status, self.text = result.status, result.err
        ours = {str(loader("x86_64")), str(ending)}
        self.ranges = [found for found in self.LINE.findall(result.err)
                       if found[3] not in ours and not found[3].startswith("[")]

    def outcome(self):
        if "takes over" in self.text:
            return "gives-way"
        if self.status != 0:
            return "fails"
        return "partly" if self.without_relro() or self.left() or "call slots stay writable" in self.text else "sealed"

    def objects(self):
        return {Path(found[3]).resolve() for found in self.ranges}

    def without_relro(self):
        """Objects that have data and no RELRO."""
        with_class = {name: {Path(found[3]).resolve() for found in self.ranges if found[1] == name}
                      for name in ("data", "relro", "plt")}
        return with_class["data"] - with_class["relro"]

    def left(self):
        """Objects with text or RELRO that is left, or with code that can be written."""
        return {Path(name).resolve() for access, kind, verdict, name, _ in self.ranges
                if verdict == "left" and (kind != "data" or "x" in access)}
