"""What adds the results up must not make a failure look like a success."""

import importlib.util

import pytest

from loaders import PROJECT

specification = importlib.util.spec_from_file_location("run_tests", PROJECT / "tools" / "run_tests.py")
run_tests = importlib.util.module_from_spec(specification)
specification.loader.exec_module(run_tests)

GOOD = '<testcase classname="A" name="good" status="run"/>'
FILTERED = '<testcase classname="A" name="left out" status="notrun"/>'
BAD = '<testcase classname="A" name="bad" status="run"><failure message="a.cc:3&#x0A;is 1, not 2"/></testcase>'
BROKEN = '<testcase classname="A" name="broken"><error message="no fixture"/></testcase>'
SKIPPED = '<testcase classname="A" name="skipped" status="run"><skipped message="no qemu"/></testcase>'


@pytest.fixture
def judge(tmp_path):
    def judged(*cases, status=0, may_be_empty=False):
        report = tmp_path / "report.xml"
        report.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
        return run_tests.judge("unit", status, report, may_be_empty)
    return judged


def test_each_kind_of_result_is_counted_as_what_it_is(judge):
    assert judge(GOOD, GOOD, BAD, BROKEN, SKIPPED, FILTERED, status=1).summary() == "2 passed, 2 failed, 1 skipped"


def test_a_failure_is_told_with_its_name_and_reason(judge):
    assert judge(BAD, status=1).failures == [("unit: A.bad", "a.cc:3 is 1, not 2")]


def test_a_skip_is_told_with_its_reason(judge):
    assert judge(SKIPPED).skips == [("unit: A.skipped", "no qemu")]


def test_the_time_of_a_folder_or_suite_is_added_up(judge):
    timed = [f'<testcase classname="{name}" name="each" time="{seconds}"/>'
             for name, seconds in (("dl.test_orders", "1.5"), ("dl.test_openings", "2"), ("Heap", "0.25"))]
    assert judge(*timed).seconds == {"dl": 3.5, "Heap": 0.25}


def test_a_pass_that_ends_badly_has_failed_whatever_its_report_says(judge):
    assert judge(GOOD, status=-11).failures == [
        ("unit (the whole pass)", "ended with -11, though no test failed")]


def test_a_pass_that_ran_nothing_has_failed(judge):
    assert judge(FILTERED).failures == [("unit (the whole pass)", "ran no test")]


def test_a_pass_that_a_pattern_left_empty_has_not_failed(judge):
    assert judge(FILTERED, may_be_empty=True).summary() == "0 passed, 0 failed, 0 skipped"


def test_a_pass_that_died_before_its_first_test_has_failed_though_a_pattern_was_given(judge):
    assert judge(status=-6, may_be_empty=True).summary() == "0 passed, 1 failed, 0 skipped"


def test_a_pass_without_a_report_has_failed(tmp_path):
    outcome = run_tests.judge("unit", 1, tmp_path / "none.xml", True)
    assert outcome.summary() == "0 passed, 1 failed, 0 skipped"
