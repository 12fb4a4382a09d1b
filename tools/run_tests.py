"""Runs every test of a built tree and adds the results up; tools/check calls it after building.

Four kinds of passes: the GoogleTest programs and the Python tests, both two at a time, those that boot other kernels
(their guests keep both processors busy), and then the benchmarks alone, since they measure time. The last line is always
"N passed, N failed, N skipped".
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
TESTS = PROJECT / "tests"
SECONDS = 88 * 60  # for a whole tools/check; one that takes longer hangs
SECONDS_OF_LONG_RUNS = 5 * 60 * 60  # the same for --all and --debian
SECONDS_TO_REPORT = 60  # for a pass that was told to stop
AT_A_TIME = 2  # processes of one pass
BROKEN = "(the whole pass)"
LISTED = 20  # of the folders that took the longest


@dataclass
class Outcome:
    passed: int = 0
    failures: list = field(default_factory=list)  # (test, reason)
    skips: list = field(default_factory=list)  # (test, reason)
    seconds: Counter = field(default_factory=Counter)  # of a folder of Python tests, or a suite of GoogleTest's

    def add(self, other):
        self.passed += other.passed
        self.failures += other.failures
        self.skips += other.skips
        self.seconds += other.seconds

    def summary(self):
        return f"{self.passed} passed, {len(self.failures)} failed, {len(self.skips)} skipped"


def read_junit(report, prefix):
    """The outcome in a JUnit file, which both GoogleTest and pytest write."""
    outcome = Outcome()
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{prefix}{case.get('classname')}.{case.get('name')}"
        # pytest's class is the test's file, "dl.test_orders"; GoogleTest's is the suite.
        outcome.seconds[case.get("classname").split(".")[0]] += float(case.get("time") or 0)
        failure = next((found for tag in ("failure", "error") if (found := case.find(tag)) is not None), None)
        skip = case.find("skipped")
        if failure is not None:
            outcome.failures.append((name, one_line(failure.get("message"))))
        elif skip is not None:
            outcome.skips.append((name, one_line(skip.get("message"))))
        elif case.get("status", "run") == "run":  # GoogleTest lists those that its filter left out as "notrun"
            outcome.passed += 1
    return outcome


def one_line(text, limit=240):
    line = " ".join((text or "no reason given").split())
    return line if len(line) <= limit else line[:limit - 1] + "…"


@dataclass
class Program:
    """A test program, or a part of one's tests, that writes a report."""
    command: list
    environment: dict
    report: Path


def run_pass(title, programs, options, may_be_empty):
    """Runs test programs at the same time, shows their output, and says what came of them."""
    print(f"\n== {title}", flush=True)
    started = time.monotonic()
    processes = [subprocess.Popen(program.command, cwd=PROJECT, env=program.environment, start_new_session=True)
                 for program in programs]
    outcome = Outcome()
    try:
        for program, process in zip(programs, processes):
            outcome.add(judge(title, wait(process, options.deadline), program.report, may_be_empty))
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    print(f"== {title}: {outcome.summary()} in {time.monotonic() - started:.1f} s", flush=True)
    return outcome


def wait(process, deadline):
    """The status of a pass, or why it has none."""
    try:
        return process.wait(max(1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return stop(process)


def stop(process):
    """Interrupts a pass that is out of time: pytest then still reports the tests that have run. Returns its status."""
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(SECONDS_TO_REPORT)
    return "no time left for the rest of its tests"


def judge(title, status, report, may_be_empty):
    """The outcome of a pass. A program that died or ran no test has failed, whatever its report says."""
    outcome, complaint = Outcome(), None
    try:
        outcome = read_junit(report, f"{title}: ")
    except (OSError, ElementTree.ParseError) as error:
        complaint = f"wrote no report ({error})"
    nothing_ran = not outcome.passed and not outcome.failures and not outcome.skips
    if nothing_ran and may_be_empty and status in (0, 5):  # 5: pytest found no test of that name
        return outcome
    if isinstance(status, str):
        complaint = status
    elif status != 0 and not outcome.failures:
        complaint = f"ended with {status}, though no test failed"
    elif nothing_ran and complaint is None:
        complaint = "ran no test"
    if complaint:
        outcome.failures.append((f"{title} {BROKEN}", complaint))
    return outcome


def host_programs(directory):
    """The GoogleTest programs that meson built in `directory`: it lists every one as a test."""
    listing = subprocess.run(["meson", "introspect", "--tests", directory], cwd=PROJECT, check=True,
                             capture_output=True, text=True).stdout
    return {test["name"]: test["cmd"] for test in json.loads(listing) if test["protocol"] == "gtest"}


def host_passes(options, reports):
    """The GoogleTest programs, built with AddressSanitizer and UBSan, or as they are for --quick."""
    directory = "build" if options.quick else "build-asan"
    environment = os.environ | {
        "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
    total = Outcome()
    programs = host_programs(directory)
    if not programs:
        total.failures.append((f"unit {BROKEN}", f"no GoogleTest program is built in {directory}/"))
    for name, command in programs.items():
        shards = [shard(number, name, [*command, *gtest_filter(options.patterns)], environment, reports)
                  for number in range(AT_A_TIME)]
        total.add(run_pass(name, shards, options, bool(options.patterns)))
    return total


def shard(number, name, command, environment, reports):
    """One of the equal parts of a GoogleTest program's tests."""
    report = reports / f"{name}-{number}.xml"
    share = {"GTEST_TOTAL_SHARDS": str(AT_A_TIME), "GTEST_SHARD_INDEX": str(number)}
    return Program([*command, f"--gtest_output=xml:{report}", "--gtest_brief=1"], environment | share, report)


def gtest_filter(patterns):
    return ["--gtest_filter=" + ":".join(f"*{pattern}*" for pattern in patterns)] if patterns else []


def python_pass(title, options, paths, marks, reports, *more):
    report = reports / f"{title.replace(' ', '-')}.xml"
    words = [sys.executable, "-m", "pytest", "-c", TESTS / "pytest.ini", "--rootdir", TESTS, "-q", "--tb=short",
             f"--junitxml={report}", "-o", "junit_family=xunit2", "-m", marks, *more, *(paths or [TESTS])]
    if options.patterns:
        words += ["-k", " or ".join(options.patterns)]
    narrowed = bool(paths or options.patterns) or title == "benchmarks"
    return run_pass(title, [Program(words, os.environ, report)], options, narrowed)


def python_passes(options, paths, reports):
    if options.quick:
        marks = "not bench and not kernels and not debian and not long and not slow"
        return python_pass("Python tests", options, paths, marks, reports, "-n", str(AT_A_TIME))
    if options.kernels:
        return python_pass("kernels", options, paths or [TESTS / "kernels"], "kernels", reports)
    if options.debian:
        return python_pass("debian", options, paths, "debian", reports)
    marks = "not bench and not kernels and not debian" + ("" if options.all else " and not long")
    outcome = python_pass("Python tests", options, paths, marks, reports, "-n", str(AT_A_TIME))
    outcome.add(python_pass("kernels", options, paths or [TESTS / "kernels"], "kernels", reports))
    outcome.add(python_pass("benchmarks", options, paths or [TESTS / "bench"], "bench", reports))
    return outcome


def print_summary(outcome, seconds):
    print("\nseconds of each folder, whose Python tests run two at a time:")
    for folder, took in outcome.seconds.most_common(LISTED):
        print(f"  {took:6.0f}  {folder}")
    if outcome.skips:
        print("\nskipped:")
        for reason, count in Counter(reason for _, reason in outcome.skips).most_common():
            print(f"  {count:4} x {reason}")
    if outcome.failures:
        print("\nfailed:")
        for name, reason in outcome.failures:
            print(f"  {name}\n       {reason}")
    print(f"\nall tests took {seconds:.0f} s")
    print(outcome.summary(), flush=True)


def arguments():
    parser = argparse.ArgumentParser(prog="tools/check")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--quick", action="store_true", help="no sanitizers, slow tests, other kernels or benchmarks")
    choice.add_argument("--all", action="store_true", help="also tests marked long: every case in every way")
    choice.add_argument("--kernels", action="store_true", help="only the tests that boot other kernels")
    choice.add_argument("--debian", action="store_true", help="only the tests that adopt, upgrade and boot whole Debians")
    parser.add_argument("--used", type=int, default=0, metavar="SECONDS", help="what setting up and building have taken")
    parser.add_argument("patterns", nargs="*", metavar="PATTERN", help="part of a test's name, or a path below tests/")
    return parser.parse_args()


def main():
    options = arguments()
    started = time.monotonic()
    paths = [path for path in options.patterns if Path(PROJECT, path.split("::")[0]).exists()]
    options.patterns = [pattern for pattern in options.patterns if pattern not in paths]
    seconds = SECONDS_OF_LONG_RUNS if options.all or options.debian else SECONDS
    options.deadline = started + seconds - options.used
    total = Outcome()
    with tempfile.TemporaryDirectory(prefix="ldseal-reports-") as folder:
        reports = Path(folder)
        if not paths and not options.kernels and not options.debian:
            total.add(host_passes(options, reports))
        total.add(python_passes(options, paths, reports))
    print_summary(total, time.monotonic() - started)
    return 0 if total.passed and not total.failures else 1


if __name__ == "__main__":
    sys.exit(main())
