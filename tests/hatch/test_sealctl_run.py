"""`sealctl run`: its command line, its messages, its exit status, and that the command notices nothing of it."""

import re

import pytest

from hatch_harness import CLASSES, build
from loaders import PROJECT, loader
from process import environment, run

OWN_FAILURE, CANNOT_RUN, NOT_FOUND = 125, 126, 127
PRCTL, PR_SET_SECCOMP, EPERM = "157", "22", "1"


@pytest.fixture
def sealctl_run(sealctl):
    return lambda *words, **options: run([sealctl, "run", *words], **options)


REFUSED = {
    "no class": (["run", "true"], "--exempt, --guard, --policy or --trace: argument is missing; --help shows usage"),
    "no command": (["run", "--exempt=all"], "COMMAND: argument is missing; --help shows usage"),
    "no command behind the marker": (["run", "--exempt=all", "--"],
                                     "COMMAND: argument is missing; --help shows usage"),
    "an unknown class": (["run", "--exempt=heap", "true"], "heap: unknown class; --help lists what there is"),
    "an unknown class among known ones": (["run", "--exempt=text,Relro,data", "true"],
                                          "Relro: unknown class; --help lists what there is"),
    "an empty class": (["run", "--exempt=text,", "true"], ": unknown class; --help lists what there is"),
    "an unknown word of a policy": (["run", "--policy=require,maybe", "true"],
                                    "--policy: maybe: unknown word; there are on, off, require, +CLASS and -CLASS"),
    "a class that no policy has": (["run", "--policy=+guards", "true"],
                                   "--policy: +guards: unknown word; there are on, off, require, +CLASS and -CLASS"),
    "a policy without words": (["run", "--policy", "", "true"], "--policy: no words; ldseal-policy(7) has them"),
    "an unknown kind of guard": (["run", "--guard=wide", "true"], "--guard: wide not in {auto,madv,prot,off}"),
    "an unknown option": (["run", "--fast", "--exempt=all", "true"],
                          "--fast: unknown option; --help lists what there is"),
    "an unknown option behind a known one": (["run", "--exempt=all", "-x", "true"],
                                             "-x: unknown option; --help lists what there is"),
    "no subcommand": ([], "SUBCOMMAND: argument is missing; --help shows usage"),
    "no subcommand before the marker": (["--", "run"], "SUBCOMMAND: argument is missing; --help shows usage"),
    "an unknown subcommand": (["walk", "true"], "walk: unknown subcommand or option; --help lists what there is"),
    "an option before the subcommand": (["--fast", "run", "--exempt=all", "true"],
                                        "--fast: unknown subcommand or option; --help lists what there is"),
}


@pytest.mark.parametrize("words, line", REFUSED.values(), ids=REFUSED)
def test_a_wrong_command_line_is_refused_in_one_line(sealctl, words, line):
    result = run([sealctl, *words])
    assert (result.status, result.out, result.err) == (OWN_FAILURE, "", f"sealctl: {line}\n")


def test_classes_given_twice_are_refused(sealctl_run):
    result = sealctl_run("--exempt=text", "--exempt=relro", "true")
    assert (result.status, result.out) == (OWN_FAILURE, "")
    assert result.err.startswith("sealctl: --exempt: ") and result.err.count("\n") == 1


def test_a_command_that_is_not_found_gives_127(sealctl_run):
    result = sealctl_run("--exempt=all", "no-such-command")
    assert (result.status, result.err) == (NOT_FOUND, "sealctl: no-such-command: cannot run: "
                                                      "No such file or directory\n")


def test_a_command_that_cannot_be_run_gives_126(sealctl_run, tmp_path):
    (tmp_path / "text").write_text("no program\n")
    result = sealctl_run("--exempt=all", tmp_path / "text")
    assert (result.status, result.err) == (CANNOT_RUN, f"sealctl: {tmp_path}/text: cannot run: Permission denied\n")


def test_a_kernel_that_refuses_the_filter_is_reported(sealctl, tmp_path):
    refuse = build("../seal/refuse.c", tmp_path / "refuse")
    result = run([refuse, PRCTL, EPERM, "0", PR_SET_SECCOMP, "--", sealctl, "run", "--exempt=all", "echo", "never"])
    assert (result.status, result.out) == (OWN_FAILURE, "")
    assert result.err == "sealctl: cannot install the seccomp filter: Operation not permitted\n"


@pytest.mark.parametrize("status", [0, 3, 125])
def test_the_exit_status_is_the_commands(sealctl_run, status):
    assert sealctl_run("--exempt=all", "sh", "-c", f"exit {status}").status == status


def test_a_signal_that_ends_the_command_is_seen_as_its_end(sealctl_run):
    assert sealctl_run("--exempt=all", "sh", "-c", "kill -TERM $$").status == -15


SPELLINGS = {
    "options of the command": (
        ["--exempt=all", "printf", "%s.", "-l", "--exempt=x", "--help"], "-l.--exempt=x.--help."),
    "a marker": (["--exempt=all", "--", "printf", "%s.", "-l"], "-l."),
    "the command's own marker": (["--exempt=all", "printf", "%s.", "a", "--", "b", "--"], "a.--.b.--."),
    "both markers": (["--exempt=all", "--", "printf", "%s.", "a", "--", "b"], "a.--.b."),
    "an empty argument": (["--exempt=all", "printf", "%s.", "", "x"], ".x."),
    "a class as a word of its own": (["--exempt", "text,data", "printf", "%s.", "a"], "a."),
    "a command called run": (["--exempt=all", "--", "printf", "%s.", "run"], "run."),
}


@pytest.mark.parametrize("words, wanted", SPELLINGS.values(), ids=SPELLINGS)
def test_the_command_gets_its_arguments_untouched(sealctl_run, words, wanted):
    result = sealctl_run(*words)
    assert (result.status, result.out, result.err) == (0, wanted, "")


SHOWS_VARIABLES = "echo $LDSEAL $LDSEAL_GUARD $LDSEAL_DEBUG; grep NoNewPrivs /proc/self/status"
SETTINGS = {
    "a policy": (["--policy=require,+data"], "require,+data\nNoNewPrivs:\t0\n"),
    "a kind of guard": (["--guard=prot"], "prot\nNoNewPrivs:\t0\n"),
    "a trace": (["--trace=seal,threads"], "seal,threads\nNoNewPrivs:\t0\n"),
    "all of them": (["--policy", "off", "--guard", "off", "--trace", "seal", "--exempt", "text"],
                    "off off seal\nNoNewPrivs:\t1\n"),
}


@pytest.mark.parametrize("words, wanted", SETTINGS.values(), ids=SETTINGS)
def test_the_command_gets_the_loaders_variables_and_the_filter_only_if_it_is_asked_for(sealctl_run, words, wanted):
    result = sealctl_run(*words, "--", "sh", "-c", SHOWS_VARIABLES)
    assert (result.status, result.out, result.err) == (0, wanted, "")


def test_the_words_of_a_trace_are_those_of_the_loader(sealctl_run):
    """But `unused`, which is for listings, and `help`."""
    listed = run([loader("x86_64"), "/bin/true"], env=environment(LDSEAL_DEBUG="help")).out
    words = set(re.findall(r"^  (\w+) ", listed, re.MULTILINE)) - {"unused", "help"}
    known = sealctl_run("--trace=none", "true").err.partition("there are ")[2].strip().split(", ")
    assert set(known) == words and len(words) > 10


def test_a_policy_decides_what_is_sealed_and_a_trace_shows_it(sealctl_run):
    result = sealctl_run("--policy=-relro", "--trace=seal", loader("x86_64"), "/bin/true")
    assert result.status == 0
    assert re.search(r"relro left /bin/true \(class is off\)", result.err), result
    assert re.search(r"text sealed /bin/true$", result.err, re.MULTILINE), result


def test_input_and_environment_are_the_commands(sealctl_run):
    result = sealctl_run("--exempt=all", "sh", "-c", "cat; echo $GIVEN", stdin="read\n", env=environment(GIVEN="seen"))
    assert (result.status, result.out) == (0, "read\nseen\n")


def test_the_process_stays_the_same_one(sealctl):
    result = run(["sh", "-c", 'echo $$; exec "$@"', "sh", sealctl, "run", "--exempt=all", "sh", "-c", "echo $$"])
    first, second = result.out.split()
    assert first == second


def test_help_names_every_class_and_every_exit_status(sealctl_run):
    result = sealctl_run("--help")
    assert (result.status, result.err) == (0, "")
    for word in (*CLASSES, "all", "125", "126", "127", "no_new_privs", "COMMAND"):
        assert word in result.out, word
    assert max(map(len, result.out.splitlines())) <= 100


def test_the_help_of_sealctl_lists_its_subcommands(sealctl):
    result = run([sealctl, "--help"])
    assert (result.status, result.err) == (0, "")
    assert "\n  run  " in result.out


def test_version_is_the_projects(sealctl):
    (line,) = [line for line in (PROJECT / "meson.build").read_text().splitlines() if " version: " in line]
    result = run([sealctl, "--version"])
    assert (result.status, result.out) == (0, f"sealctl (ldseal) {line.split(chr(39))[1]}\n")
