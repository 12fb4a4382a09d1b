"""What README says under "Install" and "For a whole system", word for word, on a bare Debian 12 that has the source and no
package beyond the smallest system."""

import re

import pytest

import debian_systems
from loaders import PROJECT
from process import run

SECONDS = 1800
LINES = re.compile(r"(?:^    .+\n)+", re.MULTILINE)


def commands(heading):
    """The first block of commands below a heading of README, without the comments."""
    text = (PROJECT / "README.md").read_text()
    block = LINES.search(text, text.index(heading)).group()
    return [re.sub(r"\s+# .*", "", line).strip() for line in block.splitlines()]


@pytest.fixture
def debian(tmp_path):
    try:
        made = debian_systems.system(tmp_path / "bare", "bookworm")
    except debian_systems.Unavailable as reason:
        pytest.skip(str(reason))
    cloned = run(["git", "clone", "--quiet", PROJECT, made.path / "root/ldseal"], timeout=120)
    assert cloned.status == 0, cloned
    # Its user is root and has no sudo; apt asks nobody.
    (made.path / "usr/local/bin/sudo").write_text('#!/bin/sh\nexec "$@"\n')
    (made.path / "usr/local/bin/sudo").chmod(0o755)
    (made.path / "etc/apt/apt.conf.d/yes").write_text('APT::Get::Assume-Yes "true";\n')
    return made


def test_the_commands_of_readme_work(debian):
    def said(command):
        done = debian.run("sh", "-c", f"cd /root/ldseal && {command}", timeout=SECONDS,
                          env={"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"})
        assert done.status == 0, done
        return done.out + done.err

    build, install, look = commands("## Install")
    doctor, adopt, look_at_all, release = commands("**For a whole system.**")
    with debian.with_network():
        assert "/ldseal_" in said(build)
        said(install)
    assert "21 ranges sealed" in said(look)
    said(doctor)
    assert "leads to ld-seal" in said(adopt)
    assert "ranges sealed" in said("LDSEAL_DEBUG=seal LDSEAL=require /bin/true")
    assert re.search(r"ld-seal +100 %", said(look_at_all))
    assert "leads to libc's rtld" in said(release)
