"""The completions of sealctl, in the shells themselves."""

import shutil

import pytest

from loaders import PROJECT
from process import environment, run

SEALCTL = PROJECT / "build/tools/sealctl"

# The line up to the cursor, and words that must be among the answers.
LINES = {
    "a subcommand": ("sealctl r", {"run"}),
    "an option of sealctl": ("sealctl --v", {"--version"}),
    "an option of a subcommand": ("sealctl run --ex", {"--exempt"}),
    "a class": ("sealctl run --exempt=te", {"text"}),
    "a second class": ("sealctl run --exempt=text,re", {"text,relro"}),
    "a class behind a space": ("sealctl run --exempt sys", {"system"}),
    "a kind of guard": ("sealctl run --guard pr", {"prot"}),
    "a command": ("sealctl run --exempt=all -- pytho", {"python3"}),
}


def script(shell):
    result = run([SEALCTL, "completions", shell])
    assert (result.status, result.err) == (0, ""), result
    return result.out


def bash(line, folder, _):
    """What bash's own readline would offer: it parts words at = as well."""
    (folder / "sealctl.bash").write_text(script("bash"))
    harness = r"""
source "$1"
words=() rest=$2
while [[ $rest =~ ^[[:space:]]*([^[:space:]=]+|=)(.*)$ ]]; do words+=("${BASH_REMATCH[1]}"); rest=${BASH_REMATCH[2]}; done
[[ $2 != *' ' ]] || words+=('')
COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1))
compopt() { :; }
_sealctl
printf '%s\n' "${COMPREPLY[@]}"
"""
    return run(["bash", "-c", harness, "bash", folder / "sealctl.bash", line], env=environment(PATH="/usr/bin:/bin"))


def zsh(line, folder, wanted):
    """A zsh in a pseudo-terminal, in which Tab is pressed. What comes next waits for the words, because a zsh that has input
    left shows nothing."""
    (folder / "_sealctl").write_text(script("zsh"))
    harness = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1= fpath=($1 \$fpath); autoload -Uz compinit; compinit -D -u; stty columns 200"
zpty -w shell "zstyle ':completion:*' list-prompt ''; setopt no_list_beep list_packed no_always_last_prompt no_auto_menu"
zpty -w shell "echo rea''dy"
zpty -r -m shell line "*ready*"
zpty -n -w shell "$2"$'\t\t'
seen= ; has_all() { for word in "$@"; do [[ $seen = *$word* ]] || return 1; done }
for _ in {1..200}; do has_all "${@:3}" && break; sleep 0.05; zpty -r -t shell line && seen+=$line; done
print -r -- $seen
zpty -d shell
"""
    return run(["zsh", "-f", "-c", harness, "zsh", folder, line, *wanted], timeout=30)


def fish(line, folder, _):
    (folder / "sealctl.fish").write_text(script("fish"))
    command = f"source {folder}/sealctl.fish; complete --do-complete '{line}'"
    return run(["fish", "--no-config", "--command", command], env=environment(HOME=folder))


SHELLS = {"bash": bash, "zsh": zsh, "fish": fish}


@pytest.mark.parametrize("line, wanted", LINES.values(), ids=LINES)
@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes(shell, line, wanted, tmp_path):
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}")
    result = SHELLS[shell](line, tmp_path, wanted)
    assert [word for word in wanted if word not in result.out] == [], result
    assert "error" not in result.err.lower(), result


def test_another_shell_is_refused():
    result = run([SEALCTL, "completions", "csh"])
    assert (result.status, result.out) == (125, "")
    assert result.err == "sealctl: csh: unknown shell; there are bash, zsh and fish\n"


def test_no_help_lists_what_is_for_the_build():
    assert "completions" not in run([SEALCTL, "--help"]).out
    assert "completions" not in script("bash").replace("sealctl completions bash", "").replace("Completions", "")
