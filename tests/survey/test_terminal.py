"""What sealctl shows on a terminal of 80 columns, which tmux is: tables keep to their lines, and colours are there."""

import re
import shutil
import time

import pytest

from process import environment, run
from survey_tools import SEALCTL

WIDTH, HEIGHT = 80, 60
TABLES = {
    "vdso": (["vdso"], r"^(METHOD|ELF image|PROCMAP_QUERY|/proc/self/maps|madvise|ld-seal) ", 6),
    "prove": (["prove", "--"], r"^(ATTACK|m\w+|shmat|pkey_mprotect|userfaultfd|/proc/self/mem)\b", 15),
}

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux")


@pytest.fixture
def terminal(tmp_path):
    """Runs words in a new terminal; gives what it shows once they have ended, with its sequences."""
    tmux = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null"]

    def show(*words, **variables):
        shell = [f"{name}={value}" for name, value in variables.items()]
        start = [*tmux, "new-session", "-d", "-x", str(WIDTH), "-y", str(HEIGHT), "env", *shell, "sh", "-c",
                 '"$@"; echo finished; exec sleep 60', "sh", *map(str, words)]
        result = run(start, env=environment(PATH="/usr/bin:/bin", TERM="xterm"))
        assert result.status == 0, result
        for _ in range(600):
            screen = run([*tmux, "capture-pane", "-p", "-e", "-S", "-"]).out
            if "finished\n" in screen:
                return screen.partition("finished\n")[0]
            time.sleep(0.05)
        raise AssertionError(screen)
    yield show
    run([*tmux, "kill-server"])


def plain(screen):
    return re.sub(r"\x1b\[[0-9;]*m", "", screen)


@pytest.mark.parametrize("name", TABLES)
def test_each_line_of_a_table_is_one_line_of_the_terminal(terminal, sealed, name):
    """A line that is too long would go on in the next one."""
    words, first_words, count = TABLES[name]
    command = [SEALCTL, *words, *([sealed] if words[-1] == "--" else [])]
    shown = plain(terminal(*command)).splitlines()
    printed = run(command).out.splitlines()
    assert len([line for line in printed if re.match(first_words, line)]) == count
    for line in printed:
        if re.match(first_words, line):
            assert len(line) <= WIDTH
    without_numbers = lambda line: re.sub(r"[0-9a-f]{8,}", "N", line)  # noqa: E731
    tables = [[without_numbers(line) for line in text if re.match(first_words, line)] for text in (shown, printed)]
    assert tables[0] == tables[1]


def test_there_are_colours_on_a_terminal_alone(terminal, sealed):
    screen = terminal(SEALCTL, "prove", "--", sealed)
    assert re.search(r"\x1b\[1mATTACK", screen) and re.search(r"\x1b\[32m(\x1b\[\d+m)*held", screen), screen
    assert "\x1b" not in run([SEALCTL, "prove", "--", sealed]).out


def test_no_color_takes_them_away(terminal, sealed):
    screen = terminal(SEALCTL, "prove", "--", sealed, NO_COLOR="1")
    assert "held" in screen and "\x1b[32m" not in screen
