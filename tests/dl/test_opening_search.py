"""Where dlopen looks: paths of the program and of the calling object, names that are loaded already, tokens, files."""

import os
import shutil

import own_dlopen
import pytest
from laboratory import Laboratory
from openings.common import OPENS
from sources import sources_of

_CASES = sources_of(__file__)

OPENING = _CASES / "opening.c"
SAME_HANDLE = OPENS + """
int main(int argc, char **argv) {
  void *first = opened(argv[1], RTLD_NOW);
  for (int n = 2; n < argc; ++n) say(opened(argv[n], RTLD_NOW) == first ? "the same" : "another");
  return 0;
}
"""
CALLER = """
#include <dlfcn.h>
const char *who(void) {
  void *handle = dlopen("libplugin.so", RTLD_NOW);
  return handle ? ((const char *(*)(void))dlsym(handle, "who"))() : "the caller finds nothing";
}
"""


@pytest.fixture(params=["x86_64", "aarch64"])
def lab(request, tmp_path):
    return Laboratory(tmp_path, request.param, libc="glibc")


def opens(lab, program, *arguments, says, options=(), **environment):
    """The program's lines are `says` under glibc's loader, and under ours."""
    for loader in (lab.theirs, lab.ours):
        if loader == lab.ours != lab.theirs:
            own_dlopen.require(lab.machine)
        outcome = lab.run(program, *arguments, loader=loader, options=options, **environment)
        assert (outcome.status, outcome.stdout.splitlines(), outcome.stderr) == (0, list(says), ""), outcome


def run_path(*folders, tags="new"):
    return (f"-Wl,--{'enable' if tags == 'new' else 'disable'}-new-dtags", f"-Wl,-rpath,{':'.join(folders)}")


def opener(lab, *flags, name="bin/program", needs=()):
    return lab.program(name, source=OPENING, flags=flags, needs=needs)


def test_an_object_is_found_by_the_programs_run_path(lab):
    lab.library("bin/plugins/libplugin.so", "in plugins")
    opens(lab, opener(lab, *run_path("$ORIGIN/plugins")), "libplugin.so", says=["in plugins"])


def test_the_run_path_of_the_calling_object_counts_and_not_the_programs(lab):
    lab.library("bin/libplugin.so", "beside the program")
    lab.library("other/libplugin.so", "beside the caller")
    caller = lab.library("other/libcaller.so", source=CALLER, flags=run_path("$ORIGIN"))
    program = opener(lab, *run_path("$ORIGIN"))
    opens(lab, program, str(caller), says=["beside the caller"])


def test_a_caller_without_a_run_path_does_not_use_the_programs(lab):
    lab.library("bin/libplugin.so", "beside the program")
    caller = lab.library("other/libcaller.so", source=CALLER)
    opens(lab, opener(lab, *run_path("$ORIGIN")), str(caller), says=["the caller finds nothing"])


def test_the_programs_rpath_counts_for_a_caller_without_paths(lab):
    lab.library("bin/libplugin.so", "beside the program")
    caller = lab.library("other/libcaller.so", source=CALLER)
    opens(lab, opener(lab, *run_path("$ORIGIN", tags="old")), str(caller), says=["beside the program"])


def test_origin_in_the_name_itself_is_the_programs_folder(lab):
    lab.library("bin/plugins/libplugin.so", "beside the program")
    opens(lab, opener(lab), "$ORIGIN/plugins/libplugin.so", "${ORIGIN}/plugins/libplugin.so",
          says=["beside the program", "beside the program"])


def test_origin_in_the_name_itself_is_the_calling_objects_folder(lab):
    lab.library("bin/plugins/libplugin.so", "beside the program")
    lab.library("other/plugins/libplugin.so", "beside the caller")
    source = CALLER.replace('"libplugin.so"', '"$ORIGIN/plugins/libplugin.so"')
    caller = lab.library("other/libcaller.so", source=source)
    opens(lab, opener(lab), str(caller), says=["beside the caller"])


def test_what_an_opened_object_needs_is_found_by_its_own_run_path(lab):
    below = lab.library_below("other/deep/libbelow.so", "found below")
    asking = lab.asking_library("other/libasking.so", needs=[below], flags=run_path("$ORIGIN/deep"))
    opens(lab, opener(lab), str(asking), says=["found below"])


def test_what_an_opened_object_needs_is_not_found_by_the_programs_run_path(lab):
    below = lab.library_below("bin/libbelow.so", "found below")
    asking = lab.asking_library("other/libasking.so", needs=[below])
    opens(lab, opener(lab, *run_path("$ORIGIN")), str(asking), says=["refused with a reason: yes"])


def test_an_object_is_found_by_its_soname_once_it_is_loaded(lab):
    library = lab.library("other/file.so", "by its soname", flags=["-Wl,-soname,libnamed.so.1"])
    opens(lab, opener(lab), "libnamed.so.1", str(library), "libnamed.so.1",
          says=["refused with a reason: yes", "by its soname", "by its soname"])


def test_a_dependency_that_is_loaded_by_its_soname_is_not_searched(lab):
    below = lab.library_below("hidden/libbelow.so", "already there")
    asking = lab.asking_library("other/libasking.so", needs=[below])
    lab.library("hidden/libkeeps.so", "keeps it", needs=[below], flags=run_path("$ORIGIN"))
    opens(lab, opener(lab), str(asking), str(lab.folder / "hidden/libkeeps.so"), str(asking),
          says=["refused with a reason: yes", "keeps it", "already there"])


def test_one_file_by_several_names_is_one_object(lab):
    library = lab.library("one/libreal.so", "real")
    os.symlink("one/libreal.so", lab.folder / "link.so")
    os.link(library, lab.path("two/hard.so"))
    program = lab.program("bin/program", source=SAME_HANDLE)
    names = [library, lab.folder / "link.so", lab.folder / "two/hard.so", f"{lab.folder}/one/../one//libreal.so"]
    opens(lab, program, *map(str, names), says=["the same"] * 3)


def test_a_copy_of_a_file_is_another_object(lab):
    library = lab.library("one/libreal.so", "real")
    copy = lab.path("two/libreal.so")
    shutil.copy(library, copy)
    program = lab.program("bin/program", source=SAME_HANDLE)
    opens(lab, program, str(library), str(copy), says=["another"])


def test_an_object_that_the_program_needs_is_the_one_that_is_opened(lab):
    library = lab.library("bin/liblinked.so", "linked")
    program = lab.program("bin/program", source=SAME_HANDLE, needs=[library], flags=run_path("$ORIGIN"))
    opens(lab, program, "liblinked.so", str(library), says=["the same"])


def test_a_name_with_a_slash_is_a_path_from_the_current_folder(lab):
    lab.library("here/there/libplugin.so", "by a relative path")
    opens(lab, opener(lab), f"chdir={lab.folder}/here", "libplugin.so", "there/libplugin.so", "./there/libplugin.so",
          says=["refused with a reason: yes", "by a relative path", "by a relative path"])


def test_the_library_path_counts_as_it_was_at_the_start(lab):
    lab.library("first/libplugin.so", "at the start")
    lab.library("second/libother.so", "too late")
    opens(lab, opener(lab), f"LD_LIBRARY_PATH={lab.folder}/second", "libplugin.so", "libother.so",
          says=["at the start", "refused with a reason: yes"], LD_LIBRARY_PATH=f"{lab.folder}/first")


def test_the_library_path_comes_before_the_run_path(lab):
    lab.library("bin/libplugin.so", "by the run path")
    lab.library("first/libplugin.so", "by the library path")
    opens(lab, opener(lab, *run_path("$ORIGIN")), "libplugin.so", says=["by the library path"],
          LD_LIBRARY_PATH=f"{lab.folder}/first")


def test_an_old_rpath_comes_before_the_library_path(lab):
    lab.library("bin/libplugin.so", "by the rpath")
    lab.library("first/libplugin.so", "by the library path")
    opens(lab, opener(lab, *run_path("$ORIGIN", tags="old")), "libplugin.so", says=["by the rpath"],
          LD_LIBRARY_PATH=f"{lab.folder}/first")


def test_an_object_of_another_machine_is_passed_over(lab):
    other = "aarch64" if lab.machine == "x86_64" else "x86_64"
    lab.library("first/libplugin.so", "of the other machine", machine=other)
    lab.library("second/libplugin.so", "of this machine")
    opens(lab, opener(lab), "libplugin.so", says=["of this machine"],
          LD_LIBRARY_PATH=f"{lab.folder}/first:{lab.folder}/second")


def test_a_preloaded_object_is_found_by_its_name(lab):
    library = lab.library("other/libpre.so", "preloaded")
    opens(lab, opener(lab), "libpre.so", says=["preloaded"], LD_PRELOAD=str(library))


def test_an_object_whose_file_was_replaced_is_the_old_one_while_it_is_open(lab):
    """As package managers replace files: a new file takes the place of the old name."""
    old, new = lab.library("other/libplugin.so", "old"), lab.library("new/libplugin.so", "new")
    program = lab.program("bin/program", source=OPENING, compile=["-DREPLACES"])
    for loader in (lab.theirs, lab.ours):
        if loader == lab.ours != lab.theirs:
            own_dlopen.require(lab.machine)
        first, second = lab.path(f"{loader is lab.ours}/libfirst.so"), lab.path(f"{loader is lab.ours}/libsecond.so")
        shutil.copy(old, first)
        shutil.copy(new, second)
        outcome = lab.run(program, str(first), str(second), loader=loader)
        assert outcome.stdout.splitlines() == ["old", "new", "the same"], outcome


def test_a_library_of_the_system_is_found_by_the_cache_or_the_default_folders(lab):
    program = lab.program("bin/program", source=OPENS + """
int main(void) {
  void *libm = opened("libm.so.6", RTLD_NOW);
  double (*square_root)(double) = (double (*)(double))found(libm, "sqrt");
  say_number("root of 1764", (long)square_root(1764));
  return 0;
}
""")
    opens(lab, program, says=["root of 1764: 42"])


@pytest.mark.parametrize("option, says", [((), ["by the path"]), (("--library-path", "{elsewhere}"), ["elsewhere"])])
def test_the_library_path_option_counts_for_opens_too(lab, option, says):
    lab.library("first/libplugin.so", "by the path")
    elsewhere = lab.library("second/libplugin.so", "elsewhere").parent
    folders = f"{elsewhere}:{os.path.dirname(lab.theirs)}" if lab.machine == "aarch64" else str(elsewhere)
    opens(lab, opener(lab), "libplugin.so", says=says, options=[word.format(elsewhere=folders) for word in option],
          LD_LIBRARY_PATH=f"{lab.folder}/first")


def test_libc_takes_the_libgcc_s_that_the_program_finds(tmp_path):
    lab = Laboratory(tmp_path, "x86_64", libc="glibc")
    shutil.copy("/lib/x86_64-linux-gnu/libgcc_s.so.1", lab.path("here/libgcc_s.so.1"))
    needing = lab.program("needing", source=_CASES / "unwinder.c", needs=[lab.folder / "here/libgcc_s.so.1"],
                          flags=run_path("$ORIGIN/here"))
    alone = lab.program("alone", source=_CASES / "unwinder.c")
    works = ["frames: 1", "left: 1", "cancelled: 1"]
    opens(lab, needing, says=[*works, "libgcc_s.so.1: the program's"])
    opens(lab, alone, says=[*works, "libgcc_s.so.1: the program's"], LD_LIBRARY_PATH=f"{lab.folder}/here")
    opens(lab, alone, says=[*works, "libgcc_s.so.1: the system's"])


def test_the_best_hwcaps_folder_is_taken(tmp_path):
    lab = Laboratory(tmp_path, "x86_64", libc="glibc")
    lab.library("bin/libplugin.so", "plain")
    lab.library("bin/glibc-hwcaps/x86-64-v2/libplugin.so", "version 2")
    opens(lab, opener(lab, *run_path("$ORIGIN")), "libplugin.so", says=["version 2"])
