"""The manual pages: right mdoc, and they name every subcommand and option that the programs have."""

import re
import shutil

import pytest

from loaders import PROJECT, loader
from process import run

PAGES = sorted((PROJECT / "tools/man").glob("*.[1-8]"))
FOREIGN = {"clang.1", "dpkg.1", "exit.3", "gcc.1", "g++.1", "ld.so.8", "systemd.1",
           *(f"{call}.2" for call in ("madvise", "mmap", "mprotect", "mremap", "mseal", "munmap", "pkey_mprotect", "ptrace",
                                      "shmat", "userfaultfd"))}
SEALCTL = PROJECT / "build/tools/sealctl"
OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]*)")


def text_of(page):
    """The page as a terminal shows it."""
    result = run(["mandoc", "-Tutf8", "-Owidth=200", PROJECT / "tools/man" / page])
    assert result.status == 0, result
    return re.sub(r".\x08", "", result.out).replace("\u2010", "-").replace("\u2212", "-")


def help_of(*command):
    result = run([*command, "--help"])
    assert (result.status, result.err) == (0, ""), result
    return result.out


def subcommands():
    lines = help_of(SEALCTL).partition("Subcommands:\n")[2].splitlines()
    return [line.split()[0] for line in lines if re.match(r"  \w", line)]


needs_mandoc = pytest.mark.skipif(shutil.which("mandoc") is None, reason="no mandoc")


@needs_mandoc
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_mandoc_finds_nothing(page):
    """Whether pages that are referred to exist here depends on what is installed: the next test looks at them."""
    result = run(["mandoc", "-Tlint", page], cwd=PROJECT / "tools/man")
    found = [line for line in result.out.splitlines() if not re.search(r"referenced manual not found|mandoc\.db", line)]
    assert found == [], result


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_that_is_referred_to_is_ours_or_known(page):
    named = {".".join(words) for words in re.findall(r"^\.Xr (\S+) (\d)", page.read_text(), re.MULTILINE)}
    assert named - {other.name for other in PAGES} - FOREIGN == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_installed_and_packed(page):
    assert f"'{page.name}'" in (PROJECT / "tools/man/meson.build").read_text()
    lists = [path.read_text() for path in (PROJECT / "tools/packaging").glob("*/contents")]
    assert any(f"/{page.name}.gz" in text for text in lists)


@needs_mandoc
def test_sealctl_1_names_every_subcommand_and_each_has_a_page():
    page = text_of("sealctl.1")
    found = subcommands()
    assert "run" in found
    for name in found:
        assert re.search(rf"^ +{name}\b", page, re.MULTILINE), name
        assert (PROJECT / f"tools/man/sealctl-{name}.1").exists(), name


@needs_mandoc
def test_every_option_of_every_subcommand_is_in_its_page():
    for name in subcommands():
        page = text_of(f"sealctl-{name}.1")
        missing = {option for option in OPTION.findall(help_of(SEALCTL, name)) if option not in page}
        assert missing == set(), name


@needs_mandoc
def test_every_option_of_the_loader_is_in_its_page():
    page = text_of("ld-seal.8")
    options = set(OPTION.findall(help_of(loader("x86_64"))))
    assert "--library-path" in options
    assert {option for option in options if option not in page} == set()


@needs_mandoc
def test_every_option_of_the_wrapper_is_in_its_page():
    page = text_of("ldseal-cc.1")
    options = set(OPTION.findall(help_of(PROJECT / "build/crt/ldseal-cc")))
    assert "--libc" in options
    assert {option for option in options if option not in page} == set()


@needs_mandoc
def test_every_class_is_in_ldseal_policy_7():
    page = text_of("ldseal-policy.7")
    header = (PROJECT / "ldso/include/ldseal/classes.h").read_text()
    classes = {name.lower() for name in re.findall(r"LDSEAL_CLASS_([A-Z]+)", header)} - {"all", "guards"}
    assert "text" in classes
    assert {name for name in classes if not re.search(rf"^ +{name}(?: |$)", page, re.MULTILINE)} == set()
