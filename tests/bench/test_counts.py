"""What a start costs beyond one under libc's own loader, in counts that no other work on the machine changes: page faults,
system calls, mappings and memory of its own. The limits are what was measured, and room for the two or three page faults
by which the random addresses differ. A change that lowers a count lowers its limit."""

import statistics
import subprocess

import measure
import pytest
import workloads

ROUNDS_SECONDS = 0.5
FAULTS = {"hello": 8, "hello-musl": 8, "hello-c++": -3, "ls": 9, "bash": 5, "git": -13}
CALLS = {"hello": 43, "hello-musl": 32, "hello-c++": 58, "ls": 54, "bash": 51, "git": 57}
MAPPINGS = 10
DIRTY_KIB = 44


def commands(name):
    try:
        return workloads.find(name).commands()["interpreter"]
    except workloads.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("name", FAULTS)
def test_page_faults(name):
    result = measure.compare(*commands(name), seconds=ROUNDS_SECONDS)
    reference, candidate = (statistics.median(side.faults) for side in (result.reference, result.candidate))
    assert candidate - reference <= FAULTS[name]


@pytest.mark.parametrize("name", CALLS)
def test_system_calls(name, tmp_path):
    def calls_of(command):
        log = tmp_path / "log"
        subprocess.run(["strace", "-qq", "-o", log, *command], env=measure.environment(), stdout=subprocess.DEVNULL, check=True,
                       timeout=60)
        return len(log.read_text().splitlines())
    reference, candidate = map(calls_of, commands(name))
    assert candidate - reference <= CALLS[name]


@pytest.fixture(scope="module")
def maps():
    """The smaps of cat under either loader, as lists of mappings: their fields."""
    return [smaps_of(command[:1]) for command in commands("cat")]


def smaps_of(command):
    with subprocess.Popen(command, env=measure.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(b"x\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"x\n"  # it has started
        with open(f"/proc/{process.pid}/smaps") as file:
            lines = file.read().splitlines()
    return [dict(line.split(":", 1) for line in group.splitlines() if ":" in line.split()[0])
            for group in "\n".join(lines).split("VmFlags")[:-1]]


def test_mappings(maps):
    reference, candidate = map(len, maps)
    assert candidate - reference <= MAPPINGS


def test_memory_of_its_own(maps):
    reference, candidate = (sum(int(one["Private_Dirty"].split()[0]) for one in side) for side in maps)
    assert candidate - reference <= DIRTY_KIB
