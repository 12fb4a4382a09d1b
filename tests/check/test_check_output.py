"""The forms of what `sealctl check` prints, and how long it takes."""

import contextlib
import json
import os
import pty
import re
import resource
import shutil
import subprocess
import urllib.parse

import pytest

from check_tools import FINDING, SEALCTL, USES_LIBRARY, build, build_library, check
from process import environment, run

OUTCOMES = ["sealed", "partly", "unsealed", "depends", "gives-way", "fails", "static", "foreign", "unknown"]
MANY = 5000
LONGEST = 10  # seconds for so many files


def own_time():
    """Seconds in the programs that have ended. What the kernel takes for a page or a call differs tenfold between
    machines, and what passes depends on what else runs."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def shown_on_terminal(command):
    """(what it writes, what it says to the terminal)."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(["timeout", "300", *command], stdout=subprocess.PIPE, stderr=theirs, env=environment())
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # EIO: it has closed the terminal
        while part := os.read(ours, 1 << 16):
            shown += part
    os.close(ours)
    out, _ = process.communicate(timeout=300)
    return out, shown


@pytest.fixture(scope="module")
def some(tmp_path_factory, plain):
    """A folder with a sealed program, two with the same bad library, and a name that needs escapes."""
    folder = tmp_path_factory.mktemp("some files")
    library = build_library(folder / "libbare.so", "-Wl,-z,norelro")
    for name in ("one", "two"):
        build(folder / name, library, "-Wl,-z,relro,-z,now", "-Wl,-rpath,$ORIGIN", text=USES_LIBRARY)
    shutil.copy(plain, folder / "right")
    shutil.copy(library, folder / "odd\n\x1b[31mname")
    return folder


def test_json_has_every_file_and_its_totals(some):
    status, document = check(some)
    assert (status, document["schema"], document["root"]) == (FINDING, 1, "/")
    assert list(document) == ["schema", "root", "files", "totals"]
    assert list(document["totals"]) == ["files", *OUTCOMES]
    assert document["totals"]["files"] == len(document["files"]) == 5
    for file in document["files"]:
        assert list(file) == ["path", "kind", "outcome", "interpreter", "policy", "objects", "reasons"]
        assert all(list(reason) == ["rule", "object", "segment", "text", "do"] for reason in file["reasons"])
    for outcome in OUTCOMES:
        assert document["totals"][outcome] == sum(file["outcome"] == outcome for file in document["files"])


def test_sarif_is_a_log_with_rules_results_and_places(some):
    result = run([SEALCTL, "check", "--sarif", some])
    log = json.loads(result.out)
    assert (result.status, log["version"], "sarif-schema-2.1.0" in log["$schema"]) == (FINDING, "2.1.0", True)
    (found,) = log["runs"]
    driver = found["tool"]["driver"]
    identifiers = [rule["id"] for rule in driver["rules"]]
    assert driver["name"] == "sealctl" and len(set(identifiers)) == len(identifiers)
    assert all(rule["shortDescription"]["text"] and rule["help"]["text"] for rule in driver["rules"])
    base = found["originalUriBaseIds"]["ROOT"]["uri"]
    assert base == "file:///"
    assert len(found["results"]) == 2  # the library's reason once for it and both programs, and once for the odd name
    for each in found["results"]:
        assert identifiers[each["ruleIndex"]] == each["ruleId"]
        assert each["level"] in ("error", "warning", "note") and each["message"]["text"]
        (place,) = each["locations"]
        artifact = place["physicalLocation"]["artifactLocation"]
        assert artifact["uriBaseId"] == "ROOT" and re.fullmatch(r"[A-Za-z0-9._~/%-]+", artifact["uri"])
        assert os.path.exists("/" + urllib.parse.unquote(artifact["uri"]))
    by_files = sorted(len(each["properties"]["files"]) for each in found["results"])
    assert by_files == [1, 3]


def test_sarif_of_what_is_sealed_has_no_result(plain):
    log = json.loads(run([SEALCTL, "check", "--sarif", plain]).out)
    assert log["runs"][0]["results"] == []


def test_names_in_text_are_printable(some):
    out = run([SEALCTL, "check", some]).out
    assert "odd\\x0a\\x1b[31mname" in out and "\x1b" not in out


def test_a_folder_lists_what_is_sealed_only_if_asked(some):
    sealed = f"sealed     {some}/right"
    assert sealed not in run([SEALCTL, "check", some]).out.splitlines()
    assert sealed in run([SEALCTL, "check", "--all", some]).out.splitlines()


@pytest.mark.slow
def test_thousands_of_files_take_seconds_and_show_a_bar_on_a_terminal_alone(tmp_path, plain):
    for number in range(MANY):
        shutil.copy(plain, tmp_path / f"program{number}")
    start = own_time()
    status, document = check("/usr/bin/env", tmp_path, timeout=300)
    taken = own_time() - start
    assert (status, document["totals"]["sealed"]) == (0, MANY + 1)
    assert taken < LONGEST, f"{taken:.1f} s"
    out, shown = shown_on_terminal([SEALCTL, "check", tmp_path])
    assert out == b"%d files: %d sealed.\n" % (MANY, MANY)
    assert re.search(rb"\r\[#*-*\] \d+ of 5000", shown) and shown.endswith(b"\r\x1b[K")


def test_all_of_usr_takes_seconds():
    start = own_time()
    _, document = check("/usr", timeout=300)
    taken = own_time() - start
    files = document["totals"]["files"]
    assert files > 500 and document["totals"]["sealed"] > files / 2
    assert taken < LONGEST * max(1, files / MANY), f"{files} files: {taken:.1f} s"
