"""What profilers and valgrind make of a program that ld-seal loaded: what holds is asserted here."""

import re
import shutil
import subprocess

import pytest

from debugged_programs import COMPILERS, build, loader_for
from real_harness import SYSTEM_LOADER


@pytest.fixture(params=COMPILERS, scope="module")
def program(request, candidate, tmp_path_factory):
    if shutil.which(COMPILERS[request.param]) is None:
        pytest.skip(f"{COMPILERS[request.param]} is missing")
    return build(request.param, loader_for(request.param, candidate), tmp_path_factory.mktemp(request.param))


def run(*words, folder=None, timeout=120) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors="replace", timeout=timeout)


def perf_or_skip(folder) -> None:
    if shutil.which("perf") is None:
        pytest.skip("perf is missing: install linux-perf")
    tried = run("perf", "record", "-q", "-e", "cpu-clock:u", "-o", folder / "tried", "true")
    if tried.returncode != 0:
        pytest.skip(f"this kernel does not let perf record: {tried.stderr.strip().splitlines()[:1]}")


def test_perf_gives_the_samples_to_the_librarys_function(program, tmp_path):
    perf_or_skip(tmp_path)
    data = tmp_path / "data"
    recorded = run("perf", "record", "-q", "-F", "997", "-e", "cpu-clock:u", "-o", data, program, "spin")
    assert recorded.returncode == 0, recorded
    report = run("perf", "report", "-i", data, "--stdio", "--sort", "dso,symbol").stdout
    top = [line.split() for line in report.splitlines() if line and not line.startswith("#")][0]
    assert top[1] == "libwork.so" and top[3] == "library_spin", report
    assert float(top[0].rstrip("%")) > 90, report


def test_perf_follows_frame_pointers_from_the_library_to_main(program, tmp_path):
    perf_or_skip(tmp_path)
    data = tmp_path / "data"
    recorded = run("perf", "record", "-q", "-F", "997", "-g", "-e", "cpu-clock:u", "-o", data, program, "spin")
    assert recorded.returncode == 0, recorded
    script = run("perf", "script", "-i", data, "-F", "ip,sym").stdout
    stacks = [[line.split()[1] for line in stack.splitlines() if line.strip()] for stack in script.split("\n\n")]
    assert any(stack[:2] == ["library_spin", "main"] for stack in stacks), script[:2000]


COUNTED = """
__attribute__((noinline)) static int counted(int n) { return n + 1; }
int main(void) { int n = 0; while (n < 7) n = counted(n); return n; }
"""


@pytest.mark.parametrize("kind", ["-pie", "-no-pie"])
def test_gprof_knows_the_functions_by_the_addresses_in_gmon_out(kind, candidate, tmp_path):
    source, program = tmp_path / "counted.c", tmp_path / "counted"
    source.write_text(COUNTED)
    run("gcc", "-pg", "-O1", kind, "-fPIE" if kind == "-pie" else "-fno-pie", "-o", program, source,
        f"-Wl,--dynamic-linker={candidate}")
    assert run(program, folder=tmp_path).returncode == 7
    profile = run("gprof", "-b", "-p", program, tmp_path / "gmon.out").stdout
    assert re.search(r"\b7\b.*\bcounted\b", profile), profile


def test_a_program_runs_under_valgrind_without_a_tool(program):
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is missing")
    done = run("valgrind", "--tool=none", "-q", program)
    assert (done.returncode, done.stdout) == (0, "call returned 43\n"), done


def test_threads_run_under_valgrind(program):
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is missing")
    done = run("valgrind", "--tool=none", "-q", program, "thread")
    assert (done.returncode, done.stdout) == (0, "thread returned 43\n"), done


def errors_of_memcheck(program) -> int:
    done = run("valgrind", "--tool=memcheck", program)
    summary = re.search(r"ERROR SUMMARY: (\d+) errors", done.stderr)
    assert (done.returncode, done.stdout) == (0, "call returned 43\n") and summary, done
    return int(summary[1])


FAULTY = """
#include <stdlib.h>
int main(void) {
  char *volatile lost = malloc(100);
  lost = malloc(10);
  lost[10] = 1;
  lost = 0;
  return 0;
}
"""


def test_memcheck_finds_what_is_lost_and_what_is_written_to_outside(candidate, tmp_path):
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is missing")
    source, program = tmp_path / "faulty.c", tmp_path / "faulty"
    source.write_text(FAULTY)
    run("gcc", "-g", "-o", program, source, f"-Wl,--dynamic-linker={candidate}")
    for command in ([program], [candidate, program]):
        report = run("valgrind", "--leak-check=full", *command).stderr
        assert re.search(r"Invalid write of size 1\n.*\bmain \(faulty\.c:6\)", report), report
        assert "definitely lost: 110 bytes in 2 blocks" in report, report


def test_under_valgrind_nothing_is_sealed(candidate):
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is missing")
    done = run("env", "LDSEAL_DEBUG=seal", "LDSEAL=require", "valgrind", "-q", "--tool=none", candidate, "/bin/true")
    assert done.returncode == 0 and "seal: not sealed: valgrind runs the process" in done.stderr, done
    assert "WARNING: unhandled" not in done.stderr, done


def test_memcheck_finds_no_more_errors_than_under_libcs_own_loader(program, tmp_path):
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is missing")
    libc = "musl" if "musl" in program.parent.name else "glibc"
    limit = errors_of_memcheck(build(libc, loader_for(libc, SYSTEM_LOADER), tmp_path))
    assert errors_of_memcheck(program) <= limit
