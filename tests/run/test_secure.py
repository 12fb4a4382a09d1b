"""AT_SECURE: a set-user-ID program is not led astray by the environment, and sees what glibc would let it see.

Which variables those are: tests/secure/test_environment.py.
"""

import pytest

from laboratory import AS_NOBODY
from sources import sources_of
from workshop import places

SHOWS_ENVIRONMENT = sources_of(__file__) / "shows_environment.c"


@pytest.fixture
def pair(nobodys_lab):
    """The laboratory and two set-user-ID programs: one for each loader."""
    lab = nobodys_lab
    ours = lab.copied_loader()
    lab.library("other/libwho.so", "led astray")
    library = lab.library("libs/libwho.so", "right")
    programs = []
    for name, interpreter in (("under-ours", ours), ("under-theirs", places.interpreter("glibc", "x86_64"))):
        program = lab.program(name, [library], source=SHOWS_ENVIRONMENT, interpreter=interpreter,
                              flags=[f"-Wl,-rpath,{library.parent}"])
        program.chmod(0o4755)
        programs.append(program)
    return lab, *programs


def as_nobody(lab, program, **environment):
    words = [f"{name}={value}" for name, value in environment.items()]
    return lab.run_directly([*AS_NOBODY, "/usr/bin/env", "-i", *words, program])


def compared(pair, **environment):
    """Both programs see the same; returns what ours did. Warnings may differ."""
    lab, ours, theirs = pair
    wanted, found = as_nobody(lab, theirs, **environment), as_nobody(lab, ours, **environment)
    assert wanted.stdout.startswith("secure: 1\n"), wanted
    assert (found.status, found.stdout) == (wanted.status, wanted.stdout)
    return found


def test_LD_LIBRARY_PATH_is_ignored_and_taken_out(pair):
    found = compared(pair, LD_LIBRARY_PATH=f"{pair[0].folder}/other", ORDINARY="stays")
    assert "who: right\n" in found.stdout
    assert "LD_LIBRARY_PATH" not in found.stdout and "ORDINARY=stays" in found.stdout


def test_LD_PRELOAD_by_path_is_ignored_and_taken_out(pair):
    assert "who: right\n" in compared(pair, LD_PRELOAD=f"{pair[0].folder}/other/libwho.so").stdout


def test_LD_DEBUG_is_ignored(pair):
    assert compared(pair, LD_DEBUG="all", LD_DEBUG_OUTPUT="/var/tmp/never-written").stderr == ""


def test_LD_TRACE_LOADED_OBJECTS_gives_no_listing(pair):
    lab, ours, _ = pair
    assert "=>" not in as_nobody(lab, ours, LD_TRACE_LOADED_OBJECTS="1").stdout


def test_a_variable_that_is_there_twice_is_taken_out_twice(pair):
    lab, ours, theirs = pair
    script = ('import ctypes, sys\nlibc = ctypes.CDLL(None)\n'
              'libc.setgroups(0, 0), libc.setgid(65534), libc.setuid(65534)\n'
              'strings = [b"LD_LIBRARY_PATH=/a", b"KEPT=1", b"LD_LIBRARY_PATH=/b", None]\n'
              'path = sys.argv[1].encode()\n'
              'libc.execve(path, (ctypes.c_char_p * 2)(path, None), (ctypes.c_char_p * 4)(*strings))')
    wanted, found = (lab.run_directly(["/usr/bin/python3", "-c", script, program]) for program in (theirs, ours))
    assert "KEPT=1" in wanted.stdout and "LD_LIBRARY_PATH" not in wanted.stdout
    assert found == wanted


def test_LDSEAL_cannot_weaken_a_set_user_ID_program(pair):
    lab, ours, _ = pair
    plain = as_nobody(lab, ours)
    told = as_nobody(lab, ours, LDSEAL="off", LDSEAL_DEBUG="all")
    assert (told.status, told.stderr) == (plain.status, plain.stderr) == (0, "")
    assert "who: right\n" in told.stdout


def test_ORIGIN_in_a_set_user_ID_program_is_treated_as_by_glibc(nobodys_lab):
    lab = nobodys_lab
    loader = lab.copied_loader()
    library = lab.library("libs/libwho.so", "beside")
    statuses = []
    for name, interpreter in (("ours", loader), ("theirs", places.interpreter("glibc", "x86_64"))):
        program = lab.program(name, [library], source=SHOWS_ENVIRONMENT, interpreter=interpreter,
                              flags=["-Wl,-rpath,$ORIGIN/libs"])
        program.chmod(0o4755)
        statuses.append(as_nobody(lab, program).status)
    assert statuses[0] == statuses[1]
