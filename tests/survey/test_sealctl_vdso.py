"""`sealctl vdso`: each method finds what maps shows, and a method that fails or lies is noticed."""

import errno
import json
import os
import re

import pytest

from loaders import BUILDS, PROJECT, emulator
from process import run
from survey_tools import FINDING, FINE, REFUSE, SEALCTL, USAGE, compile_program

METHODS = ["ELF image", "PROCMAP_QUERY", "/proc/self/maps", "madvise"]
IOCTL, MADVISE = 16, 28  # of x86_64
PROCMAP_QUERY, MADV_DODUMP = 0xC0686611, 17


@pytest.fixture(scope="module")
def refuse(folder):
    return compile_program(folder / "refuse-for-vdso", REFUSE)


def vdso(*before):
    """The exit status and the JSON object of `sealctl vdso --json`."""
    result = run([*map(str, before), SEALCTL, "vdso", "--json"])
    assert result.status in (FINE, FINDING) and result.err == "", result
    document = json.loads(result.out)
    assert document["schema"] == 1
    assert [method["method"] for method in document["methods"]] == METHODS
    return result.status, document


def ends(found):
    """Where the mappings begin and end, and where the vDSO begins."""
    mappings = found["mappings"]
    return [mappings[0]["start"], mappings[-1]["start"], mappings[-1]["end"]]


def names(found):
    return [mapping["name"] for mapping in found["mappings"]]


def test_every_method_finds_the_same():
    status, document = vdso()
    image, query, maps, advice = document["methods"]
    assert (status, document["agree"]) == (FINE, True)
    assert ends(query) == ends(maps) == ends(advice) == ends(document["loader"])
    assert ends(image) == [document["base"], document["base"], ends(maps)[2]]
    assert query["mappings"] == maps["mappings"] == document["loader"]["mappings"]
    assert {method["doubt"] for method in document["methods"]} == {None}


def test_the_mappings_are_the_kernels():
    """Their names and sizes; the places are another process's."""
    shown = re.findall(r"^(\w+)-(\w+) .* (\[v(?:var|dso)\S*)$", run(["cat", "/proc/self/maps"]).out, re.MULTILINE)
    sizes = [(name, int(end, 16) - int(start, 16)) for start, end, name in shown]
    _, document = vdso()
    assert sizes[-1][0] == "[vdso]"
    assert [(each["name"], int(each["end"], 16) - int(each["start"], 16))
            for each in document["loader"]["mappings"]] == sizes


@pytest.mark.parametrize("filter_words, silent", [
    ((IOCTL, errno.ENOTTY, 1, PROCMAP_QUERY), "PROCMAP_QUERY"),
    ((MADVISE, errno.EPERM, 2, MADV_DODUMP), "madvise"),
])
def test_a_method_that_does_not_work_contradicts_nothing(refuse, filter_words, silent):
    status, document = vdso(refuse, *filter_words, "--")
    doubts = {method["method"]: method["doubt"] for method in document["methods"]}
    assert doubts == dict.fromkeys(METHODS, None) | {silent: "does not work here"}
    assert (status, document["agree"]) == (FINE, True)
    assert names(document["loader"])[-1] == "[vdso]"


def test_a_method_that_lies_is_a_disagreement(refuse):
    """Where madvise answers 0 to everything, the vDSO may be anything, and ld-seal leaves it."""
    lies = [refuse, MADVISE, 0, 2, MADV_DODUMP, "--"]
    status, document = vdso(*lies)
    assert (status, document["agree"]) == (FINDING, False)
    assert document["methods"][3]["doubt"] == document["loader"]["doubt"] == "it is not a kernel's vDSO"
    assert document["loader"]["mappings"] == []
    result = run([*map(str, lies), SEALCTL, "vdso"])
    assert result.status == FINDING
    assert result.out.endswith("\nThe methods disagree. ld-seal leaves the vDSO unsealed: it is not a kernel's vDSO.\n")


def test_doctor_finds_the_disagreement(refuse):
    result = run([*map(str, [refuse, MADVISE, 0, 2, MADV_DODUMP, "--"]), SEALCTL, "doctor", "--json"], timeout=120)
    found = {finding["what"]: finding["text"] for finding in json.loads(result.out)["findings"]}
    assert "madvise it is not a kernel's vDSO" in found["vdso-extent"]


@pytest.mark.skipif(os.getuid() != 0, reason="root alone mounts")
def test_without_proc_advice_alone_decides():
    status, document = vdso("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$0" "$@"')
    doubts = [method["doubt"] for method in document["methods"]]
    assert doubts == [None, "does not work here", "does not work here", None]
    assert (status, names(document["loader"])) == (FINE, ["[vvar]", "[vdso]"])


def test_the_table_has_a_line_for_each_method():
    result = run([SEALCTL, "vdso"])
    heading, *lines, conclusion = result.out.splitlines()
    assert heading.split() == ["METHOD", "DATA", "VDSO", "END", "MAPPINGS"]
    assert [line.split("  ")[0] for line in lines] == [*METHODS, "ld-seal"]
    assert re.fullmatch(r"The methods agree\. ld-seal seals [1-4] mappings, \d+ KiB\.", conclusion)
    assert all(len(line) <= 80 for line in result.out.splitlines())


def test_an_emulators_is_not_the_kernels():
    """QEMU gives no vDSO (7.2) or one of its own (from 8.1 on)."""
    program = PROJECT / BUILDS["aarch64"] / "tools/sealctl"
    result = run([*emulator("aarch64"), program, "vdso"])
    expected = {FINE: "The kernel gives no vDSO: there is nothing to seal.",
                FINDING: "The methods disagree. ld-seal leaves the vDSO unsealed: it is not a kernel's vDSO."}
    assert result.out.splitlines()[-1:] == [expected.get(result.status)], result


def test_wrong_usage_is_one_line():
    result = run([SEALCTL, "vdso", "7"])
    assert (result.status, result.out, result.err) == (
        USAGE, "", "sealctl: 7: unknown subcommand or option; --help lists what there is\n"), result
