"""gdb sees a program that ld-seal loaded as it sees any other: its libraries, symbols, frames and threads."""

import os
import re
import shutil
import subprocess
import time

import pytest

from debugged_programs import COMPILERS, build, loader_for

QUIET = ["-nx", "-batch", "-iex", "set debuginfod enabled off", "-iex", "set index-cache enabled off",
         "-ex", "set width 0", "-ex", "set breakpoint pending on"]
RESULT = re.compile(r"^\$\d+ = ", re.MULTILINE)


def gdb(*commands: str, program: list, more: tuple[str, ...] = (), timeout: float = 60) -> str:
    words = ["gdb", *QUIET, *more]
    for command in commands:
        words += ["-ex", command]
    words += ["--args", *map(str, program)]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=timeout)
    return done.stdout.decode(errors="replace")


def frames(text: str) -> list[str]:
    """The functions of a backtrace, innermost first."""
    return re.findall(r"^#\d+ +(?:0x[0-9a-f]+ in )?([\w@]+) \(", text, re.MULTILINE)


def libraries(text: str) -> dict[str, str]:
    """Path and "Yes" or "No" (symbols read) of each row of `info sharedlibrary` that has an address."""
    return {path: read for read, path in
            re.findall(r"^0x[0-9a-f]+ +0x[0-9a-f]+ +(Yes|No)(?: \(\*\))? +(\S+)$", text, re.MULTILINE)}


@pytest.fixture(params=COMPILERS, scope="module")
def program(request, candidate, tmp_path_factory):
    """The same program for each libc, its PT_INTERP the loader under test."""
    for tool in ("gdb", COMPILERS[request.param]):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is missing")
    folder = tmp_path_factory.mktemp(request.param)
    return build(request.param, loader_for(request.param, candidate), folder)


@pytest.fixture(scope="module")
def glibc_program(candidate, tmp_path_factory):
    for tool in ("gdb", "gcc"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is missing")
    return build("glibc", candidate, tmp_path_factory.mktemp("threads"))


def test_a_pending_breakpoint_in_a_library_is_hit_and_the_backtrace_reaches_main(program):
    text = gdb("break library_inner", "run", "backtrace", program=[program])
    assert "pending" in text, text
    assert "Breakpoint 1, library_inner (value=" in text, text
    assert frames(text)[:3] == ["library_inner", "library_outer", "main"], text


def test_stepping_leads_through_a_stub_of_the_plt_into_the_library(program):
    text = gdb("break main", "run", "break *(long)&'library_outer@plt'", "continue", "backtrace", "step", "backtrace",
               program=[program])
    found = frames(text)
    assert found[:2] == ["library_outer@plt", "main"], text
    assert found[2:4] == ["library_outer", "main"], text


def test_info_sharedlibrary_lists_every_library_with_its_symbols_read(program):
    text = gdb("break library_inner", "run", "info sharedlibrary", program=[program])
    listed = libraries(text)
    assert listed.get(str(program.parent / "libwork.so")) == "Yes", text
    assert any(re.search(r"/(libc\.so(\.6)?|ld-musl-x86_64\.so\.1)$", path) for path in listed), text
    assert set(listed.values()) == {"Yes"}, text


def test_a_function_of_libc_has_its_name_and_the_way_back_to_main(program):
    text = gdb("break library_outer", "run", "break puts", "continue", "backtrace", program=[program])
    assert frames(text)[-1] == "main", text
    assert re.search(r"Breakpoint 2, .*puts", text), text


def test_data_of_a_library_is_read_where_it_lies(program):
    text = gdb("break library_inner", "run", "print global_counter", "finish", "print global_counter",
               "info symbol &global_counter", program=[program])
    assert [line.split(" = ")[1] for line in text.splitlines() if RESULT.match(line)][0] == "5", text
    assert "Value returned is $2 = 42" in text and "$3 = 26" in text, text
    assert f"global_counter in section .data of {program.parent / 'libwork.so'}" in text, text


def test_the_program_still_ends_as_it_does_alone(program):
    text = gdb("break library_inner", "run", "continue", program=[program])
    assert "call returned 43" in text and "exited normally" in text, text


def test_a_crash_in_a_library_is_shown_with_its_frames(program):
    text = gdb("run", "backtrace", program=[program, "crash"])
    assert "SIGSEGV" in text, text
    assert frames(text)[:2] == ["library_crash", "main"], text


def test_gdb_stops_when_libraries_are_added(program):
    text = gdb("set stop-on-solib-events 1", "run", "continue", "info sharedlibrary", "print library_outer",
               "set stop-on-solib-events 0", "continue", program=[program])
    assert "Stopped due to shared library event" in text, text
    assert "call returned 43" in text, text


def test_the_first_announcement_finds_the_list_begun(program):
    """gdbserver reads the list then, whatever r_state says."""
    text = gdb("break _dl_debug_state", "run", "print extended_r_debug.base.r_map != 0", program=[program])
    assert "$1 = true" in text, text


def test_gdb_attaches_to_a_running_program(program):
    running = subprocess.Popen([program, "spin on"], stdout=subprocess.PIPE)
    try:
        assert running.stdout.readline() == b"spinning\n"
        time.sleep(0.1)
        text = gdb("info sharedlibrary", "backtrace", "info line library_inner", program=[program],
                   more=("-p", str(running.pid)))
    finally:
        running.kill()
        running.wait()
        running.stdout.close()
    assert str(program.parent / "libwork.so") in libraries(text), text
    assert frames(text)[-2:] == ["library_spin", "main"], text


def test_a_core_file_shows_the_libraries_and_frames(program, tmp_path):
    core = tmp_path / "core"
    gdb("break library_inner", "run", f"generate-core-file {core}", program=[program])
    assert core.exists()
    words = ["gdb", *QUIET, "-ex", "info sharedlibrary", "-ex", "backtrace", str(program), str(core)]
    text = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60).stdout.decode(errors="replace")
    assert libraries(text).get(str(program.parent / "libwork.so")) == "Yes", text
    assert frames(text)[-3:] == ["library_inner", "library_outer", "main"], text


def test_a_breakpoint_in_a_thread_shows_both_threads(program):
    text = gdb("break library_inner", "run", "info threads", "backtrace", program=[program, "thread"])
    assert frames(text)[:3] == ["library_inner", "library_outer", "thread_body"], text
    assert len(re.findall(r"^[* ] +\d+ +(?:Thread|LWP|process) ", text, re.MULTILINE)) == 2, text


def test_gdb_debugs_glibcs_threads_by_libthread_db(glibc_program):
    text = gdb("break library_inner", "run", program=[glibc_program, "thread"])
    assert "Thread debugging using libthread_db enabled" in text, text


def test_gdb_finds_the_loader_among_the_libraries_of_a_core(glibc_program, candidate):
    text = gdb("break library_inner", "run", "info sharedlibrary", "info symbol _dl_debug_state", program=[glibc_program])
    assert any(os.path.exists(path) and os.path.samefile(path, candidate) for path in libraries(text)), text
