"""Where libraries are looked for, in which order, and what is passed over. glibc's loader is the oracle."""

import os
import shutil
from pathlib import Path

import pytest

from laboratory import SILENT
from workshop import places
from workshop.launch import SECONDS, execute

RPATH, RUNPATH = "-Wl,--disable-new-dtags", "-Wl,--enable-new-dtags"


def own_path(*folders, tag=RUNPATH):
    return [tag, "-Wl,-rpath," + ":".join(map(str, folders))]


def two_places(lab):
    """libwho.so in two folders, each telling its own folder's name."""
    return lab.library("first/libwho.so", "first"), lab.library("second/libwho.so", "second")


def chain(lab):
    """libtop.so, which needs libbelow.so in another folder and does not say where."""
    return lab.asking_library("above/libtop.so", [lab.library_below("below/libbelow.so", "below")])


def test_a_run_path_with_DT_RPATH_comes_before_LD_LIBRARY_PATH(lab):
    first, second = two_places(lab)
    program = lab.program("program", [first], flags=own_path(first.parent, tag=RPATH))
    assert lab.told(program, LD_LIBRARY_PATH=str(second.parent)) == "first"


def test_a_run_path_with_DT_RUNPATH_comes_after_LD_LIBRARY_PATH(lab):
    first, second = two_places(lab)
    program = lab.program("program", [first], flags=own_path(first.parent))
    assert lab.told(program, LD_LIBRARY_PATH=str(second.parent)) == "second"


def test_DT_RPATH_of_the_program_counts_for_what_its_libraries_need(lab):
    top = chain(lab)
    program = lab.program("program", [top], flags=own_path(top.parent, lab.folder / "below", tag=RPATH))
    assert lab.told(program) == "below"


def test_DT_RUNPATH_of_the_program_does_not_count_for_what_its_libraries_need(lab):
    top = chain(lab)
    program = lab.program("program", [top], flags=own_path(top.parent, lab.folder / "below"))
    assert lab.run(program, loader=lab.theirs).status == 127
    assert "libbelow.so" in lab.refusal(program)


def test_DT_RPATH_is_ignored_for_a_library_that_has_DT_RUNPATH(lab):
    below = lab.library_below("below/libbelow.so", "below")
    top = lab.asking_library("above/libtop.so", [below], flags=own_path("/nowhere"))
    program = lab.program("program", [top], flags=own_path(top.parent, below.parent, tag=RPATH))
    assert lab.run(program, loader=lab.theirs).status == 127
    assert "libbelow.so" in lab.refusal(program)


def test_DT_RPATH_of_a_library_between_counts(lab):
    below = lab.library_below("below/libbelow.so", "below")
    middle = lab.library("middle/libmiddle.so", needs=[below])
    top = lab.asking_library("above/libtop.so", [middle], flags=own_path(middle.parent, below.parent, tag=RPATH))
    program = lab.program("program", [top], flags=own_path(top.parent))
    assert lab.told(program) == "below"


def test_ORIGIN_in_the_program_is_the_program_s_folder(lab):
    who = lab.library("home/lib/libwho.so", "beside")
    program = lab.program("home/bin/program", [who], flags=own_path("$ORIGIN/../lib"))
    assert lab.told(program) == "beside"


def test_ORIGIN_in_braces_means_the_same(lab):
    who = lab.library("home/lib/libwho.so", "beside")
    program = lab.program("home/bin/program", [who], flags=own_path("${ORIGIN}/../lib"))
    assert lab.told(program) == "beside"


def test_ORIGIN_in_a_library_is_the_library_s_folder(lab):
    below = lab.library_below("deep/down/libbelow.so", "down")
    top = lab.asking_library("deep/libtop.so", [below], flags=own_path("$ORIGIN/down"))
    program = lab.program("bin/program", [top], flags=own_path(top.parent))
    assert lab.told(program) == "down"


def test_ORIGIN_follows_a_link_to_a_library_only_as_glibc_does(lab):
    lab.library_below("near/more/libbelow.so", "near")
    far = lab.library_below("far/more/libbelow.so", "far")
    lab.asking_library("far/libtop.so", [far], flags=own_path("$ORIGIN/more"))
    os.symlink(lab.folder / "far/libtop.so", lab.folder / "near/libtop.so")
    program = lab.program("bin/program", [lab.folder / "near/libtop.so"], flags=own_path(lab.folder / "near"))
    lab.told(program)


def test_LIB_means_the_system_s_word_for_library_folders(lab):
    flags = own_path("$ORIGIN/$LIB")
    for folder in ("lib", "lib64", f"lib/{lab.machine}-linux-gnu"):
        who = lab.library(f"{folder}/libwho.so", folder)
    assert lab.told(lab.program("program", [who], flags=flags)) in ("lib", "lib64", f"lib/{lab.machine}-linux-gnu")


def test_PLATFORM_means_the_processor_s_name(native_lab):
    for folder in ("x86_64", "haswell", "xeon_phi", "i686"):
        who = native_lab.library(f"{folder}/libwho.so", folder)
    program = native_lab.program("program", [who], flags=own_path("$ORIGIN/$PLATFORM"))
    assert native_lab.told(program) in ("x86_64", "haswell", "xeon_phi")


def test_an_unknown_dollar_word_is_left_as_it_is(lab):
    who = lab.library("$WORD/libwho.so", "literal")
    assert lab.told(lab.program("program", [who], flags=own_path("$ORIGIN/$WORD"))) == "literal"


def test_LD_LIBRARY_PATH_is_searched_in_order(lab):
    first, second = two_places(lab)
    program = lab.program("program", [first])
    assert lab.told(program, LD_LIBRARY_PATH=f"/nowhere:{second.parent}:{first.parent}") == "second"


def test_LD_LIBRARY_PATH_may_be_parted_by_semicolons(lab):
    first, second = two_places(lab)
    program = lab.program("program", [first])
    assert lab.told(program, LD_LIBRARY_PATH=f"/nowhere;{second.parent};{first.parent}") == "second"


def test_LD_LIBRARY_PATH_knows_ORIGIN(lab):
    who = lab.library("home/lib/libwho.so", "beside")
    program = lab.program("home/bin/program", [who])
    assert lab.told(program, LD_LIBRARY_PATH="$ORIGIN/../lib") == "beside"


def test_an_empty_part_of_LD_LIBRARY_PATH_is_the_working_folder(native_lab):
    who = native_lab.library("here/libwho.so", "here")
    program = native_lab.program("program", [who])
    script = f'cd {who.parent} && LD_LIBRARY_PATH=/nowhere: exec {{}} {program}'
    wanted = native_lab.run_directly(["/bin/sh", "-c", script.format(native_lab.theirs)])
    found = native_lab.run_directly(["/bin/sh", "-c", script.format(native_lab.ours)])
    assert wanted.stdout.startswith("who: here\n")
    assert found == wanted


def run_in(lab, folder, loader, program):
    """Runs `program` with another working folder than all the others have."""
    emulator = [] if lab.machine == "x86_64" else ["qemu-aarch64", "-L", str(places.CROSS_GLIBC)]
    command = ["/usr/bin/env", "-C", str(folder), *emulator, str(loader), str(program)]
    return execute(command, {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, SECONDS[lab.machine])


@pytest.mark.parametrize("tag", [RPATH, RUNPATH])
@pytest.mark.parametrize("folders, found", [("", ""), (":", "here"), ("/nowhere:", "here"), ("$ORIGIN/none", "")])
def test_an_empty_part_of_a_run_path_is_the_working_folder_but_an_empty_run_path_is_none(lab, tag, folders, found):
    """tests/secure has every such list, for this machine and for privileged programs, too."""
    who = lab.library("here/libwho.so", "here")
    program = lab.program("program", [who], flags=own_path("@" * 20, tag=tag))
    program.write_bytes(program.read_bytes().replace(b"@" * 20, folders.encode().ljust(20, b"\0")))
    wanted, ours = (run_in(lab, who.parent, loader, program) for loader in (lab.theirs, lab.ours))
    assert (ours.status, ours.stdout) == (wanted.status, wanted.stdout)
    assert wanted.stdout.startswith(f"who: {found}\n") if found else wanted.status == 127


def test_library_path_on_the_command_line_replaces_LD_LIBRARY_PATH(lab):
    first, second = two_places(lab)
    program = lab.program("program", [first])
    assert lab.told(program, options=("--library-path", first.parent), LD_LIBRARY_PATH=str(second.parent)) == "first"


def test_LD_PRELOAD_by_path_comes_before_the_libraries(lab):
    first, second = two_places(lab)
    program = lab.program("program", [first], flags=own_path(first.parent))
    assert lab.told(program, LD_PRELOAD=str(second)) == "second"


def test_LD_PRELOAD_by_name_is_searched_for(lab):
    first = lab.library("first/libwho.so", "first")
    other = lab.library("other/libother.so", "other")
    program = lab.program("program", [first], flags=own_path(first.parent))
    assert lab.told(program, LD_PRELOAD="libother.so", LD_LIBRARY_PATH=str(other.parent)) == "other"


def test_LD_PRELOAD_may_be_parted_by_spaces_and_colons(lab):
    first = lab.library("first/libwho.so", "first")
    lab.library("some/libsome.so")
    lab.library("some/libmore.so")
    other = lab.library("some/libother.so", "other")
    program = lab.program("program", [first], flags=own_path(first.parent))
    listed = f"{lab.folder}/some/libsome.so {lab.folder}/some/libmore.so:{other}"
    assert lab.told(program, LD_PRELOAD=listed) == "other"


def test_preload_on_the_command_line_comes_after_LD_PRELOAD(lab):
    first, second = two_places(lab)
    third = lab.library("third/libthird.so", "third")
    program = lab.program("program", [first], flags=own_path(first.parent))
    assert lab.told(program, options=("--preload", second)) == "second"
    lab.told(program, options=("--preload", second), LD_PRELOAD=str(third))


def test_a_preload_that_is_missing_is_said_and_passed_over(lab):
    first = lab.library("first/libwho.so", "first")
    program = lab.program("program", [first], flags=own_path(first.parent))
    assert lab.told(program, LD_PRELOAD="/nowhere/libnone.so") == "first"
    assert "/nowhere/libnone.so" in lab.run(program, LD_PRELOAD="/nowhere/libnone.so").stderr


def test_a_needed_name_with_a_slash_is_a_path(lab):
    who = lab.library("odd/place/libwho.so", "by path")
    soname = lab.library("odd/place/libwho.so", "by path", flags=[f"-Wl,-soname,{who}"])
    assert lab.told(lab.program("program", [soname])) == "by path"


COUNTED = """
#include "observe.h"
__attribute__((constructor)) static void begin(void) { say("constructed"); }
const char *who(void) { return "counted"; }
"""


def test_one_file_under_two_names_is_one_object(lab):
    first = lab.library("folder/libfirst.so", source=COUNTED)
    second = lab.library("folder/libsecond.so", source=COUNTED)
    program = lab.program("program", [first, second], flags=own_path(first.parent))
    second.unlink()
    second.symlink_to("libfirst.so")
    assert lab.same(program).stdout.count("constructed\n") == 1


def test_hard_links_to_one_file_are_one_object(lab):
    first = lab.library("folder/libfirst.so", source=COUNTED)
    second = lab.library("folder/libsecond.so", source=COUNTED)
    program = lab.program("program", [first, second], flags=own_path(first.parent))
    second.unlink()
    os.link(first, second)
    assert lab.same(program).stdout.count("constructed\n") == 1


def test_copies_of_one_file_are_two_objects(lab):
    first = lab.library("folder/libfirst.so", source=COUNTED)
    second = lab.library("folder/libsecond.so", source=COUNTED)
    program = lab.program("program", [first, second], flags=own_path(first.parent))
    assert lab.same(program).stdout.count("constructed\n") == 2


def test_a_loaded_library_s_soname_answers_a_later_need(lab):
    wanted = lab.library("wanted/libwho.so", "wanted")
    other = lab.library("other/different-file.so", "other", flags=["-Wl,-soname,libwho.so"])
    program = lab.program("program", [wanted], flags=own_path(wanted.parent))
    assert lab.told(program, LD_PRELOAD=str(other)) == "other"


def test_a_need_of_the_loader_itself_is_met_by_the_one_that_runs(lab):
    name = Path(lab.ours).name
    other = lab.library(f"other/{name}", "another file of its name", flags=[f"-Wl,-soname,{name}"])
    program = lab.program("program", [other], source=SILENT)
    outcome = lab.run(program, LD_DEBUG="files", LD_LIBRARY_PATH=str(other.parent))
    assert (outcome.status, outcome.stdout) == (0, "main\n") and str(other.parent) not in outcome.stderr, outcome


def test_a_library_of_another_machine_is_passed_over(lab):
    foreign = "aarch64" if lab.machine == "x86_64" else "x86_64"
    lab.library("foreign/libwho.so", "foreign", machine=foreign)
    who = lab.library("right/libwho.so", "right")
    program = lab.program("program", [who])
    assert lab.told(program, LD_LIBRARY_PATH=f"{lab.folder}/foreign:{who.parent}") == "right"


def test_a_32_bit_library_is_passed_over(lab):
    who = lab.library("right/libwho.so", "right")
    image = bytearray(who.read_bytes())
    image[4] = 1  # EI_CLASS: ELFCLASS32
    lab.path("narrow/libwho.so").write_bytes(image)
    program = lab.program("program", [who])
    assert lab.told(program, LD_LIBRARY_PATH=f"{lab.folder}/narrow:{who.parent}") == "right"


def test_a_better_processor_s_folder_is_chosen(native_lab):
    plain = native_lab.library("libs/libwho.so", "plain")
    for level in ("x86-64-v2", "x86-64-v3", "x86-64-v4"):
        native_lab.library(f"libs/glibc-hwcaps/{level}/libwho.so", level)
    program = native_lab.program("program", [plain])
    native_lab.told(program, LD_LIBRARY_PATH=str(plain.parent))


def test_a_processor_s_folder_is_chosen_in_a_run_path_too(native_lab):
    plain = native_lab.library("libs/libwho.so", "plain")
    native_lab.library("libs/glibc-hwcaps/x86-64-v2/libwho.so", "x86-64-v2")
    program = native_lab.program("program", [plain], flags=own_path(plain.parent))
    native_lab.told(program)


def test_a_processor_s_folder_with_a_lower_level_is_better_than_a_later_path(native_lab):
    lower = native_lab.library("one/glibc-hwcaps/x86-64-v2/libwho.so", "lower")
    native_lab.library("two/glibc-hwcaps/x86-64-v3/libwho.so", "higher")
    program = native_lab.program("program", [lower])
    native_lab.told(program, LD_LIBRARY_PATH=f"{native_lab.folder}/one:{native_lab.folder}/two")


@pytest.mark.parametrize("options", [
    ("--glibc-hwcaps-prepend", "mine"), ("--glibc-hwcaps-prepend", "none::other:mine"), ("--glibc-hwcaps-mask", "x86-64-v2"),
    ("--glibc-hwcaps-mask", ""), ("--glibc-hwcaps-mask", "mine"), ("--glibc-hwcaps-mask", "x:x86-64-v3:x86-64-v2"),
    ("--glibc-hwcaps-prepend", "mine", "--glibc-hwcaps-mask", "x")])
def test_the_processor_s_folders_can_be_chosen(native_lab, options):
    plain = native_lab.library("libs/libwho.so", "plain")
    for name in ("mine", "other", "x86-64-v2", "x86-64-v3"):
        native_lab.library(f"libs/glibc-hwcaps/{name}/libwho.so", name)
    program = native_lab.program("program", [plain], flags=own_path(plain.parent))
    native_lab.told(program, options=options)


def test_default_folders_are_left_out_when_the_program_says_so(glibc_lab):
    library = glibc_lab.library("libs/libwho.so", "who")
    program = glibc_lab.program("program", [library, "-lm"], flags=[*own_path(library.parent), "-Wl,-z,nodefaultlib"])
    assert glibc_lab.run(program, loader=glibc_lab.theirs).status == 127
    assert "libm.so.6" in glibc_lab.refusal(program)


def test_a_library_moved_away_is_found_nowhere_else(lab):
    who = lab.library("libs/libwho.so", "who")
    program = lab.program("program", [who], flags=own_path(who.parent))
    assert lab.told(program) == "who"
    shutil.move(who, lab.path("elsewhere/libwho.so"))
    assert "libwho.so" in lab.refusal(program)
