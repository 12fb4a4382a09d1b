"""The loader as a command: its options, what it prints, and the status it ends with."""

import re
import shutil
from pathlib import Path

import pytest
from laboratory import SILENT

OPTIONS = ("--list", "--verify", "--library-path", "--preload", "--argv0", "--inhibit-cache",
           "--inhibit-rpath", "--glibc-hwcaps-prepend", "--glibc-hwcaps-mask", "--audit", "--list-tunables", "--list-diagnostics", "--help", "--version")


@pytest.fixture
def program(lab):
    lab.library("libs/libwho.so", "who")
    return lab.program("program", [lab.folder / "libs/libwho.so"], flags=[f"-Wl,-rpath,{lab.folder}/libs"])


def names(listing):
    """The libraries of a listing: name and path, without addresses."""
    return sorted(re.sub(r" \(0x[0-9a-f]+\)", "", line).strip() for line in listing.splitlines())


def listed_by_both(lab, found, wanted):
    """Both listings without what each loader says of itself, of libc's loader and of the vDSO."""
    own = re.compile(r"ld-seal|ld-linux|linux-vdso|statically linked")
    return [[line for line in names(listing) if not own.search(line)] for listing in (found, wanted)]


def test_help_names_every_option_and_ends_with_0(lab):
    found = lab.run_directly([lab.ours, "--help"])
    assert found.status == 0
    assert [option for option in OPTIONS if option not in found.stdout] == []


def directories_of_help(lab, loader, *options, **variables):
    """Where --help says that libraries are searched for: without folders that glibc has given up since."""
    said = lab.run_directly([loader, *options, "--help"], **variables).stdout
    return said[said.index("\nShared library search path:"):].partition("\nLegacy HWCAP")[0]


@pytest.mark.parametrize("options, variables", [
    ((), {}),
    (("--library-path", "/a:/b/:"), {}),
    ((), {"LD_LIBRARY_PATH": "/a;relative"}),
    ((), {"LD_LIBRARY_PATH": "/a:/lib:/a/"}),
    (("--glibc-hwcaps-prepend", "mine:yours"), {}),
    (("--glibc-hwcaps-mask", "x86-64-v2:nonsense"), {}),
    (("--inhibit-cache",), {}),
])
def test_help_names_the_directories_that_are_searched_as_glibcs_loader_does(lab, options, variables):
    wanted = directories_of_help(lab, lab.theirs, *options, **variables)
    assert directories_of_help(lab, lab.ours, *options, **variables) == wanted


def test_version_ends_with_0(lab):
    found = lab.run_directly([lab.ours, "--version"])
    assert found.status == 0
    assert found.stdout


def test_no_program_is_an_error(lab):
    found = lab.run_directly([lab.ours])
    assert found.status == 127
    assert found.stderr


def test_an_unknown_option_is_an_error(lab, program):
    assert "--unheard-of" in lab.refusal(program, options=("--unheard-of",))


def test_an_option_without_its_argument_is_an_error(lab):
    found = lab.run_directly([lab.ours, "--library-path"])
    assert found.status == 127
    assert found.stderr


def test_options_after_the_program_are_the_program_s(lab, program):
    assert "argument: --list\nargument: --help\n" in lab.same(program, "--list", "--help").stdout


def test_argv0_is_what_the_program_sees(lab, program):
    assert "argument: chosen\nargument: one\n" in lab.same(program, "one", options=("--argv0", "chosen")).stdout


def test_argv0_is_the_program_s_path_if_not_said(lab, program):
    assert "argument: program\n" in lab.same(program).stdout


def test_inhibit_cache_leaves_the_default_folders(glibc_lab):
    program = glibc_lab.program("program", ["-lm"], source=SILENT)
    assert glibc_lab.same(program, options=("--inhibit-cache",)).stdout == "main\n"


def test_list_prints_each_library_with_its_path(lab, program):
    found = lab.run(program, options=("--list",))
    assert found.status == 0
    assert f"libwho.so => {lab.folder}/libs/libwho.so" in names(found.stdout)


def test_list_prints_the_same_libraries_as_glibc_s(glibc_lab):
    for program in ("/usr/bin/git", "/usr/bin/gdb", "/bin/ls"):
        wanted = glibc_lab.run(program, options=("--list",), loader=glibc_lab.theirs)
        found = glibc_lab.run(program, options=("--list",))
        ours, theirs = listed_by_both(glibc_lab, found.stdout, wanted.stdout)
        assert ours == theirs


def test_list_does_not_run_the_program(lab, program):
    assert "who: " not in lab.run(program, options=("--list",)).stdout


def test_list_names_a_missing_library(lab, program):
    (lab.folder / "libs/libwho.so").unlink()
    found = lab.run(program, options=("--list",))
    assert "libwho.so" in found.stdout + found.stderr
    assert f"{lab.folder}/libs" not in found.stdout


def test_LD_TRACE_LOADED_OBJECTS_says_what_is_not_found(lab, program):
    (lab.folder / "libs/libwho.so").unlink()
    wanted = lab.run(program, loader=lab.theirs, LD_TRACE_LOADED_OBJECTS="1")
    found = lab.run(program, LD_TRACE_LOADED_OBJECTS="1")
    assert "libwho.so => not found" in names(wanted.stdout)
    assert "libwho.so => not found" in names(found.stdout)
    assert found.status == wanted.status


def test_LD_TRACE_LOADED_OBJECTS_lists_and_does_not_run(lab, program):
    found = lab.run(program, LD_TRACE_LOADED_OBJECTS="1")
    assert found.status == 0
    assert f"libwho.so => {lab.folder}/libs/libwho.so" in names(found.stdout)
    assert "who: " not in found.stdout


def test_LD_TRACE_LOADED_OBJECTS_works_by_PT_INTERP(lab):
    library = lab.library("libs/libwho.so", "who")
    program = lab.program("program", [library], flags=[f"-Wl,-rpath,{library.parent}"], interpreter=lab.ours)
    found = lab.run_directly([program], LD_TRACE_LOADED_OBJECTS="1")
    assert f"libwho.so => {library}" in names(found.stdout)
    assert "who: " not in found.stdout


def test_verify_of_a_program_ends_with_0(lab, program):
    assert lab.same(program, options=("--verify",)).status == 0


def test_verify_of_a_library_ends_as_glibc_s_does(lab, program):
    lab.same(lab.folder / "libs/libwho.so", options=("--verify",))


def test_verify_of_a_file_that_is_no_ELF_ends_with_1(lab):
    text = lab.path("text")
    text.write_text("no ELF at all, but long enough to hold a header\n" * 4)
    assert lab.same(text, options=("--verify",)).status == 1


def test_verify_of_a_missing_file_ends_with_1(lab):
    assert lab.same(lab.folder / "none", options=("--verify",)).status == 1


def test_verify_of_a_static_program_ends_as_glibc_s_does(lab):
    program = lab.program("program", source=SILENT, pie=False, flags=["-static"])
    lab.same(program, options=("--verify",))


def test_a_program_of_another_machine_is_refused(lab):
    other = type(lab)(lab.folder, "aarch64" if lab.machine == "x86_64" else "x86_64")
    assert str(lab.folder / "foreign") in lab.refusal(other.program("foreign", source=SILENT))


def test_the_loader_does_not_run_itself(lab):
    lab.refusal(lab.ours)


def without_addresses(text):
    return re.sub(r"0x[0-9a-f]+", "ADDRESS", text)


def as_both(lab, **environment):
    """One program that names glibc's loader and one that names ours, run by the kernel in the same way."""
    outcomes = []
    for loader in (lab.theirs, lab.ours):
        program = lab.program("by_itself", ["-lm"], source=SILENT, interpreter=loader)
        found = lab.run_directly([program], **environment)
        assert found.status == 0 and found.stderr == "", found
        outcomes.append(without_addresses(found.stdout).replace(str(loader), "LOADER"))
    return outcomes


def test_a_listing_names_the_loader_as_glibc_s_names_itself(glibc_lab):
    theirs, ours = as_both(glibc_lab, LD_TRACE_LOADED_OBJECTS="1")
    assert theirs.splitlines()[-1] == ours.splitlines()[-1] == "\tLOADER (ADDRESS)"
    assert "\tld-linux-x86-64.so.2 => /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 (ADDRESS)\n" in ours


def test_a_listing_names_the_loader_that_the_program_asks_for(glibc_lab):
    program = glibc_lab.program("program", ["-lm"], source=SILENT)
    copy = glibc_lab.path("theirs.so")
    shutil.copy(glibc_lab.theirs, copy)
    last = [without_addresses(glibc_lab.run(program, loader=loader, options=("--list",)).stdout).splitlines()[-1]
            for loader in (copy, glibc_lab.ours)]
    assert last == [f"\t{glibc_lab.theirs} => {loader} (ADDRESS)" for loader in (copy, glibc_lab.ours)]


def test_ld_verbose_tells_which_versions_are_needed_and_who_has_them(glibc_lab):
    theirs, ours = (text.partition("\n\n")[2].replace("=> /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "=> LOADER")
                    for text in as_both(glibc_lab, LD_TRACE_LOADED_OBJECTS="1", LD_VERBOSE="1"))
    assert "libc.so.6 (GLIBC_2.34) => /lib/x86_64-linux-gnu/libc.so.6\n" in theirs
    assert ours == theirs


def test_ld_verbose_alone_changes_nothing(glibc_lab):
    theirs, ours = as_both(glibc_lab, LD_VERBOSE="1")
    assert ours == theirs == "main\n"


def test_ld_show_auxv_prints_the_auxiliary_vector_and_goes_on(glibc_lab):
    theirs, ours = as_both(glibc_lab, LD_SHOW_AUXV="1")
    assert "AT_PAGESZ:            4096\n" in theirs and theirs.endswith("main\n")
    assert ours == theirs


@pytest.mark.parametrize("names, is_found", [("", False), (":/x", False), ("/x", True)])
def test_inhibit_rpath_takes_the_program_s_run_path_away(glibc_lab, names, is_found):
    glibc_lab.library("libs/libwho.so", "who")
    program = glibc_lab.program("program", [glibc_lab.folder / "libs/libwho.so"], source=SILENT,
                                flags=[f"-Wl,-rpath,{glibc_lab.folder}/libs"])
    found = glibc_lab.same(program, options=("--inhibit-rpath", names))
    assert (found.status == 0) == is_found


def test_inhibit_rpath_takes_a_library_s_run_path_away(glibc_lab):
    below = glibc_lab.library_below("below/libbelow.so", "below")
    asking = glibc_lab.asking_library("libasking.so", [below], flags=[f"-Wl,-rpath,{below.parent}"])
    program = glibc_lab.program("program", [asking], source=SILENT, flags=[f"-Wl,-rpath,{glibc_lab.folder}"])
    for names, status in ((f"/other:{asking}", 127), (f"{asking}x", 0), (f"{below}", 0)):
        assert glibc_lab.same(program, options=("--inhibit-rpath", names)).status == status


@pytest.mark.parametrize("option", ["-v", "-u", "-r"])
def test_ldd_says_the_same_with_our_loader_in_the_place_of_glibc_s(glibc_lab, option):
    ldd = glibc_lab.path("ldd")
    text, count = re.subn(r'(?m)^RTLDLIST=.*$', f'RTLDLIST="{glibc_lab.ours}"', Path("/usr/bin/ldd").read_text())
    assert count == 1
    ldd.write_text(text)
    program = glibc_lab.program("program", ["-lm"], source=SILENT)
    wanted, found = (glibc_lab.run_directly(["/bin/bash", script, option, program]) for script in ("/usr/bin/ldd", ldd))
    assert found.status == wanted.status
    loaders = r"ld-linux|ld-seal"
    assert listed_without(loaders, found.stdout) == listed_without(loaders, wanted.stdout)
    assert (found.status == 1 and "libm.so.6" in found.stdout) if option == "-u" else "libm.so.6 =>" in found.stdout


def listed_without(pattern, listing):
    return [line for line in without_addresses(listing).splitlines() if not re.search(pattern, line)]


@pytest.mark.parametrize("option", ["--list-tunables", "--list-diagnostics"])
def test_what_only_libc_s_rtld_can_tell_it_tells(glibc_lab, option):
    # cpuid leaf 1 has the number of the processor that asks.
    changes = re.compile(r"cpuid\[0x1\]|^(auxv|env|dl_(discover|origin)|dl_.*path|uname)|random|0x[0-9a-f]{6,}|ld-")
    theirs, ours = ([line for line in glibc_lab.run_directly([loader, option]).stdout.splitlines()
                     if not changes.search(line)] for loader in (glibc_lab.theirs, glibc_lab.ours))
    assert len(theirs) > 10
    assert ours == theirs
