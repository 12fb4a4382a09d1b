"""The start-up times that are promised, as ratios to the system's loader, to musl's, to ours without sealing, and of
static programs to those with libc's own start objects, side by side. What the smallest program costs depends on what the
machine's kernel takes for a page fault and for a change of mappings; its reference is the floor, a program that makes
the same calls itself (cases/workloads/floor.c).

Noise: the two run alternately, and the judged number is the ratio of the medians of wall time. A machine that does other
work at the same time shifts the ratio of the smallest programs by some percent in either direction: NOISE is what is
allowed for it. Where the ratio's 95 % interval includes the limit with what is allowed, more rounds are added, for up to a
minute. Nothing is measured anew after a bad result. `tests/bench/run` shows the ratio itself beside the limit.
"""

import subprocess

import measure
import pytest
import workloads

NOISE = 1.10
LAUNCHERS = ("interpreter", "sealing", "floor", "static")
LIMITED = [(workload, launcher) for workload in workloads.WORKLOADS for launcher in LAUNCHERS
           if workload.limit_of(launcher) is not None]
GENERATED = [workloads.find(name) for name in ("libraries-1000", "names-100000")]


def commands_of(workload, launcher):
    try:
        return workload.commands()[launcher]
    except workloads.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("workload, launcher", LIMITED, ids=lambda part: getattr(part, "name", part))
def test_start_takes_at_most_the_promised_part_of_the_reference(workload, launcher):
    commands = commands_of(workload, launcher)
    limit = workload.limit_of(launcher) * NOISE
    result = measure.compare(*commands, limit=limit, seconds=5, most_seconds=60)
    low, high = result.interval()
    assert result.ratio <= limit, (
        f"{result.ratio:.3f} × the reference ({low:.3f} to {high:.3f} with 95 %, {result.rounds} rounds, "
        f"processor time {result.processor_ratio:.3f} ×)")


@pytest.mark.parametrize("launcher", ["interpreter", "command"])
@pytest.mark.parametrize("workload", GENERATED, ids=lambda workload: workload.name)
def test_every_reference_of_a_large_program_is_bound_to_the_right_function(workload, launcher):
    candidate = commands_of(workload, launcher)[1]
    done = subprocess.run([*candidate, "check"], env=measure.environment(), capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
