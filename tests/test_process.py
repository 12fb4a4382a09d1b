"""The wrapper through which every test starts programs."""

import time

import pytest

from process import TimedOut, environment, run


def test_a_program_that_hangs_is_ended_with_its_children():
    started = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        run(["/bin/sh", "-c", "echo begun; sleep 60 & sleep 60"], timeout=0.3)
    assert time.monotonic() - started < 10
    assert "begun" in str(caught.value)


def test_a_signal_is_reported_as_a_negative_status():
    assert run(["/bin/sh", "-c", "kill -SEGV $$"]).status == -11


def test_the_callers_own_loader_variables_do_not_reach_the_program(monkeypatch):
    monkeypatch.setenv("LD_BIND_NOW", "1")
    assert "LD_BIND_NOW" not in environment()
