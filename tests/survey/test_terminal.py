"""What sealctl shows on a terminal of 80 columns, which tmux is: no line goes on in the next one, and nothing that
counts is missing. Colours are there."""

import json
import os
import re
import shutil
import time

import pytest

from loaders import loader
from process import environment, run
from surveyed_root import make_root
from survey_tools import SEALCTL, sleeping_threads, waiting

WIDTH, NARROW, HEIGHT = 80, 44, 60
LONG = "a-folder-whose-name-alone-is-so-long/that-its-path-does-not-fit-into-a-line-of-a-terminal"
ADDRESS = re.compile(r"[0-9a-f]{8,}")

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux")


@pytest.fixture
def terminal(tmp_path):
    """Runs words in a new terminal; gives what it shows once they have ended, with its sequences."""
    tmux = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null"]

    def capture(*options):
        return run([*tmux, "capture-pane", "-p", *options, "-S", "-"]).out.partition("finished\n")[0]

    def show(*words, width=WIDTH, **variables):
        shell = [f"{name}={value}" for name, value in variables.items()]
        start = [*tmux, "new-session", "-d", "-x", str(width), "-y", str(HEIGHT), "env", *shell, "sh", "-c",
                 '"$@" </dev/null; echo finished; exec sleep 60', "sh", *map(str, words)]
        result = run(start, env=environment(PATH="/usr/bin:/bin:/usr/sbin:/sbin", TERM="xterm"))
        assert result.status == 0, result
        for _ in range(1200):
            screen = run([*tmux, "capture-pane", "-p", "-S", "-"]).out
            if "finished\n" in screen:
                break
            time.sleep(0.05)
        else:
            raise AssertionError(screen)
        lines, joined = capture().splitlines(), capture("-J").splitlines()  # -J puts wrapped lines together
        shown = capture("-e")
        run([*tmux, "kill-server"])
        assert [line.rstrip() for line in lines] == [line.rstrip() for line in joined], "a line is wrapped"
        return shown
    yield show
    run([*tmux, "kill-server"])


@pytest.fixture
def far(sealed, tmp_path):
    """The sealed program in a folder with a long name."""
    folder = tmp_path / LONG
    folder.mkdir(parents=True)
    return shutil.copy(sealed, folder / "waits")


def plain_text(screen):
    return re.sub(r"\x1b\[[0-9;]*m", "", screen)


def without_blanks(text):
    return re.sub(r"\s+", "", text)


def records(lines):
    """Each line with those below it in which it goes on."""
    found = []
    for line in lines:
        if line.startswith("    ") and found:
            found[-1] += line
        else:
            found.append(line)
    return found


def is_shortened_from(cell, record):
    """Does the record have the cell, or its beginning and its end with dots between them?"""
    if cell in record:
        return True
    return any(cell.startswith(before[start:]) and cell.endswith(after[:end])
               for before, after in [record.split("...", 1)] if "..." in record
               for start in range(len(before)) for end in range(2, len(after) + 1))


def assert_all_is_shown(printed, screen, shortened=()):
    """What a pipe gets, line for line and cell for cell. Addresses may be those of another process."""
    lines = [ADDRESS.sub("N", line) for line in plain_text(screen).splitlines()]
    wanted = [ADDRESS.sub("N", line) for line in printed.splitlines() if line]
    shown = records([line for line in lines if line])
    assert len(shown) == len(wanted), (shown, wanted)
    for record, line in zip(shown, wanted):
        for number, cell in enumerate(re.split("  +", line.strip())):
            is_there = without_blanks(cell) in without_blanks(record)
            assert is_there or (number in shortened and is_shortened_from(cell, record)), (cell, record)


def assert_same_words(printed, screen):
    assert without_blanks(printed) == without_blanks(plain_text(screen))


def printed_by(*words):
    """What a pipe gets."""
    return run([*map(str, words)]).out


def longest(text):
    return max(map(len, text.splitlines()))


def saved(path, pid, change=lambda line: None):
    document = json.loads(printed_by(SEALCTL, "map", "--json", pid))
    for line in document["mappings"]:
        change(line)
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("options", [[], ["--holes"]], ids=["map", "holes"])
def test_map(terminal, far, options):
    with waiting([far, "threads", "2"]) as pid:
        sleeping_threads(pid)
        command = [SEALCTL, "map", *options, pid]
        printed, screen = printed_by(*command), terminal(*command)
    assert longest(printed) > WIDTH and "..." in screen
    assert_all_is_shown(printed, screen, shortened=[3])


def test_map_in_a_terminal_that_is_narrow(terminal, far):
    with waiting([far]) as pid:
        command = [SEALCTL, "map", pid]
        printed, screen = printed_by(*command), terminal(*command, width=NARROW)
    assert_all_is_shown(printed, screen, shortened=[3])


@pytest.mark.parametrize("other", [True, False], ids=["by-object", "by-address"])
def test_a_difference_of_maps(terminal, far, tmp_path, other):
    def lose(line):
        line["sealed"] = line["sealed"] and line["kind"] != "relro"
    with waiting([far]) as pid, waiting([far]) as second:
        before = saved(tmp_path / "before.json", pid)
        after = saved(tmp_path / "after.json", second if other else pid, lose)
    command = [SEALCTL, "map", before, "--diff", after]
    printed, screen = printed_by(*command), terminal(*command)
    assert "seal-lost" in printed and f"compared by {'object' if other else 'address'}." in printed
    assert longest(printed) > WIDTH
    assert_all_is_shown(printed, screen, shortened=[3 if other else 4])


def test_trace(terminal, far):
    command = [SEALCTL, "trace", "--policy=-relro", "--", loader("x86_64"), "/bin/true"]
    printed, screen = printed_by(*command), terminal(*command)
    assert longest(printed) > WIDTH and "(class is off)" in printed
    assert_all_is_shown(printed, screen, shortened=[5])


def test_trace_of_a_program_that_another_loader_starts(terminal, plain, tmp_path):
    folder = tmp_path / LONG
    folder.mkdir(parents=True)
    command = [SEALCTL, "trace", "--", shutil.copy(plain, folder / "waits")]
    assert_same_words(printed_by(*command), terminal(*command).replace("ready\n\n", "ready\n"))


def test_ps(terminal, far, plain, static):
    with waiting([far]) as sealed_pid, waiting([plain, "threads", "3"]) as plain_pid, waiting([static]) as static_pid:
        command = [SEALCTL, "ps", sealed_pid, plain_pid, static_pid]
        printed, screen = printed_by(*command), terminal(*command)
    assert longest(printed) > WIDTH and "3 processes: 1 sealed, 0 partly, 2 not." in printed
    table, remedies = (text.partition("What to do:\n") for text in (printed, plain_text(screen)))
    assert_all_is_shown(table[0], remedies[0], shortened=[1, 2])
    assert_same_words(table[2], remedies[2])


def test_check(terminal, far, tmp_path):
    folder = tmp_path / LONG
    (tmp_path / "empty.c").write_text("int main(void) { return 0; }\n")
    built = run(["gcc", "-o", folder / "bare", tmp_path / "empty.c", "-Wl,-z,norelro"])
    assert built.status == 0, built
    command = [SEALCTL, "check", far, folder / "bare"]
    printed = printed_by(*command)
    assert longest(printed) > WIDTH and "no-relro" in printed
    assert_same_words(printed, terminal(*command))


def test_prove(terminal, far):
    command = [SEALCTL, "prove", "--", far]
    assert_same_words(printed_by(*command), terminal(*command))


def test_prove_of_what_is_open(terminal, far):
    command = [SEALCTL, "prove", "--", "env", "LDSEAL=-relro", far]
    printed, screen = printed_by(*command), terminal(*command)
    assert "MISSING" in printed and longest(printed) > WIDTH
    numbers = [ADDRESS.sub("N", without_blanks(text)) for text in (printed, plain_text(screen))]
    assert len(numbers[0]) == len(numbers[1])


@pytest.mark.skipif(os.getuid() != 0, reason="a root is entered by root")
def test_doctor_and_status(terminal, static, tmp_path):
    root = make_root(tmp_path / LONG / "root", static)
    (root / "var/lib").mkdir(parents=True)
    (root / "usr/share/initramfs-tools/hooks/ldseal").unlink()
    printed = printed_by(SEALCTL, "doctor", "--root", root)
    assert longest(printed) > WIDTH
    assert_same_words(printed, terminal(SEALCTL, "doctor", "--root", root))
    adopted = run([SEALCTL, "adopt", "--root", root, "/usr/bin/true"])
    assert adopted.status == 0, adopted
    (root / "usr/bin/true").unlink()
    printed = printed_by(SEALCTL, "status", "--root", root)
    assert longest(printed) > WIDTH and "lost" in printed
    assert_same_words(printed, terminal(SEALCTL, "status", "--root", root))


def test_vdso(terminal):
    printed, screen = printed_by(SEALCTL, "vdso"), terminal(SEALCTL, "vdso")
    assert len(re.findall(r"^(METHOD|ELF image|PROCMAP_QUERY|/proc/self/maps|madvise|ld-seal) ", printed, re.M)) == 6
    assert_all_is_shown(printed, screen)


def test_a_terminal_that_does_not_say_its_width_has_that_of_columns(far):
    """script(1) makes a terminal of no size."""
    with waiting([far]) as pid:
        lines = run(["script", "-qec", f"{SEALCTL} map {pid}", "/dev/null"], env=environment(COLUMNS="60")).out
    assert 50 < longest(plain_text(lines.replace("\r", ""))) <= 60


def test_there_are_colours_on_a_terminal_alone(terminal, sealed):
    screen = terminal(SEALCTL, "prove", "--", sealed)
    assert re.search(r"\x1b\[1mATTACK", screen) and re.search(r"\x1b\[32m(\x1b\[\d+m)*held", screen), screen
    assert "\x1b" not in printed_by(SEALCTL, "prove", "--", sealed)


def test_no_color_takes_them_away(terminal, sealed):
    screen = terminal(SEALCTL, "prove", "--", sealed, NO_COLOR="1")
    assert "held" in screen and "\x1b[32m" not in screen
