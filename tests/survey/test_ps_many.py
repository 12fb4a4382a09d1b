"""`sealctl ps` and many processes: 5,000 of them in seconds, and those that end while it looks."""

import contextlib
import json
import subprocess
import threading
import time
from pathlib import Path

import pytest

from process import run
from survey_tools import FINDING, FINE, SEALCTL, ps, waiting

MANY = 5000
GOAL = 2.0  # seconds, on a machine of two processors with nothing else to do
GENEROSITY = 5  # other tests run beside this one


def test_five_thousand_processes_are_seen_in_seconds(sealed):
    with waiting([sealed, "fork", str(MANY)]) as parent:
        start = time.monotonic()
        status, document = ps(timeout=60)
        seconds = time.monotonic() - start
    ours = [process for process in document["processes"] if process["executable"] == str(sealed)]
    assert len(ours) == MANY + 1 and parent in [process["pid"] for process in ours]
    assert {process["verdict"] for process in ours} == {"sealed"}
    assert status in (FINE, FINDING)
    assert seconds < GOAL * GENEROSITY


@contextlib.contextmanager
def coming_and_going(program):
    """Processes start and end all the time, several at once."""
    is_over = threading.Event()

    def start_and_end():
        while not is_over.is_set():
            started = [subprocess.Popen([program], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
                       for _ in range(4)]
            for process in started:
                process.wait()

    workers = [threading.Thread(target=start_and_end) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        is_over.set()
        for worker in workers:
            worker.join()


@pytest.mark.parametrize("runs", [30, pytest.param(1000, marks=pytest.mark.debian)])
def test_processes_that_end_meanwhile_do_no_harm(sealed, plain, tmp_path, runs):
    """Each run must end by itself with a status of its own, and without a word of complaint."""
    script = f'for i in $(seq {runs}); do "$0" ps >"$1" 2>&1 || [ $? = 1 ] || {{ echo "run $i: $?"; cat "$1"; }}; done'
    with coming_and_going(sealed), coming_and_going(plain):
        result = run(["sh", "-c", script, SEALCTL, tmp_path / "out"], timeout=1500)
    assert (result.status, result.out, result.err) == (0, "", ""), result


def test_a_process_that_ends_is_left_out_and_the_json_stays_whole(sealed):
    with coming_and_going(sealed):
        for _ in range(20):
            result = run([SEALCTL, "ps", "--json"])
            assert result.status in (FINE, FINDING), result
            assert json.loads(result.out)["totals"]["processes"] > 0


@pytest.fixture
def hierarchy(tmp_path):
    """The unified control groups, wherever this machine has them."""
    usual = Path("/sys/fs/cgroup")
    if (usual / "cgroup.procs").exists():
        yield usual
        return
    mounted = run(["mount", "-t", "cgroup2", "none", tmp_path])
    if mounted.status != 0:
        pytest.skip(f"no unified control groups: {mounted.err.strip()}")
    yield tmp_path
    assert run(["umount", tmp_path]).status == 0


@pytest.fixture
def control_group(hierarchy):
    """A control group with the name of a unit, in which systemd would put a service."""
    slice_folder = hierarchy / "ldseal-test.slice"
    folder = slice_folder / "ldseal-test.service"
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        pytest.skip(f"cannot make a control group: {error}")
    yield folder
    for group in (folder, slice_folder):
        for _ in range(100):  # its last process is gone a little after its parent knows
            with contextlib.suppress(OSError):
                group.rmdir()
                break
            time.sleep(0.05)


@pytest.mark.parametrize("unit", ["ldseal-test", "ldseal-test.service", "ldseal-test.slice"])
def test_the_processes_of_a_unit_are_shown(control_group, sealed, plain, unit):
    with waiting([sealed]) as inside, waiting([plain]):
        (control_group / "cgroup.procs").write_text(str(inside))
        status, document = ps("--unit", unit)
    (process,) = document["processes"]
    assert (process["pid"], process["unit"], status) == (inside, "ldseal-test.service", FINE)
    assert process["cgroup"] == "/ldseal-test.slice/ldseal-test.service"


def test_a_unit_without_processes_shows_none():
    status, document = ps("--unit", "no-such-unit")
    assert (status, document["processes"]) == (FINE, [])
