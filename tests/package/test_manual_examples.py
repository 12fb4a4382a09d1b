"""The examples of the manual pages do what they say: each is run as it stands, in a Debian 12 with the package, where the
programs that they name are there and adopted."""

import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest

import debian_systems
from loaders import PROJECT
from process import environment, run

FINE, FINDING = 0, 1
PAGES = sorted(path.name for path in (PROJECT / "tools/man").iterdir() if re.search(r"\.[178]$", path.name))
OF_A_COMPILER = "ldseal-cc.1"
# Before each example. /mnt is another root, 4711 a sealed process, before.json a map of it from before.
BEFORE = """
set -e
cd /root
PATH=/usr/local/bin:$PATH
mount --bind / /mnt
sleeper 600 & process=$!
sleep 0.2
sealctl map --json $process > before.json
set +e
"""
PROGRAMS = ("/root/program", "/root/server", "/root/supervisor", "/usr/local/bin/git", "/usr/local/bin/criu", "/usr/sbin/nginx",
            "/usr/lib/postgresql/postgres")
# /proc/PID/cgroup names no unit in a container without systemd.
NEED_SYSTEMD = ("sealctl ps --unit",)


def examples_of(page):
    text = (PROJECT / "tools/man" / page).read_text()
    examples = text.partition(".Sh EXAMPLES\n")[2].partition("\n.Sh ")[0]
    lines = re.findall(r"^\.Dl (?:[$#] )?(.*)$", examples, re.MULTILINE)
    return [line.replace(r"\-", "-").replace(r"\(aq", "'") for line in lines]


def test_every_page_of_a_command_has_examples():
    assert [page for page in PAGES if page != "sealctl.1" and not examples_of(page)] == \
        ["sealctl-doctor.1", "sealctl-status.1"]  # these two take no operand


@pytest.fixture(scope="module")
def debian(packages):
    if os.geteuid() != 0:
        pytest.skip("needs root, for chroot")
    folder = Path(tempfile.mkdtemp(prefix="debian-", dir="/var/tmp"))
    try:
        made = debian_systems.system(folder / "root", "bookworm")
    except debian_systems.Unavailable as reason:
        pytest.skip(str(reason))
    made.copy_in(packages["ldseal", "amd64"].path, "/ldseal.deb")
    made.succeed("dpkg", "--install", "/ldseal.deb")
    for program in PROGRAMS:
        (made.path / program[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made.path / "usr/bin/true", made.path / program[1:])
    shutil.copy(made.path / "usr/bin/sleep", made.path / "usr/local/bin/sleeper")
    made.succeed("sealctl", "adopt", *PROGRAMS[:5], "/usr/local/bin/sleeper")
    yield made
    shutil.rmtree(folder)


@pytest.mark.parametrize("page, example", [(page, example) for page in PAGES if page != OF_A_COMPILER
                                           for example in examples_of(page)])
def test_an_example_works(debian, page, example):
    command = example.replace("4711", "$process")
    done = debian.run("sh", "-c", f"{BEFORE}{command}", timeout=300)
    expected = (FINE, FINDING) if example.startswith("sealctl") else (FINE,)
    assert done.status in expected, done
    if not example.startswith(NEED_SYSTEMD):
        assert not re.search("usage|unknown|not permitted|cannot", done.err, re.IGNORECASE), done


@pytest.mark.parametrize("example", examples_of(OF_A_COMPILER))
def test_an_example_of_the_compiler_works(tmp_path, example):
    (tmp_path / "hello.c").write_text("int main(void) { return 0; }\n")
    (tmp_path / "hello.cc").write_text("int main() { return 0; }\n")
    (tmp_path / "configure").write_text("#!/bin/sh\n$CC hello.c -o hello\n")
    (tmp_path / "configure").chmod(0o755)
    path = f"{PROJECT / 'build/crt'}:{os.environ['PATH']}"
    done = run(["sh", "-c", example], cwd=tmp_path, timeout=120, env=environment(PATH=path))
    assert (done.status, (tmp_path / "hello").exists()) == (0, True), done
