"""A Debian 12 that is changed while it is adopted: packages come, libc6 is exchanged for that of the next release and back,
ldseal goes. After each change it boots and does what it did before."""

import pytest

from booted import boot

FURTHER = ("bc", "bison", "bsdextrautils", "bzip2", "cowsay", "dc", "ed", "figlet", "file", "fish", "flex", "gawk",
           "gettext-base", "git", "htop", "indent", "iputils-ping", "jq", "less", "lsof", "ltrace", "lua5.4", "lz4", "lzip",
           "m4", "make", "moreutils", "nano", "ncdu", "netcat-openbsd", "parallel", "patch", "psmisc", "pv", "rsync", "ruby",
           "socat", "sqlite3", "strace", "tcl", "tcpdump", "tmux", "traceroute", "tree", "unzip", "vim-tiny", "whois",
           "xz-utils", "zip", "zsh", "zstd")
NEXT = "trixie"
# libc6 breaks an older base-files, and locales, which PostgreSQL needs.
LIBC = ("libc6", "libc-bin", "locales", "base-files")
# It counts packages.
OTHER_JOB = "packages"


def install(debian, *packages):
    with debian.with_apt_of(NEXT):
        debian.succeed("apt-get", "--yes", "--no-remove", "--allow-downgrades", "--no-install-recommends", "install", *packages,
                       timeout=900)


CHANGES = {
    "more-packages": lambda debian: install(debian, *FURTHER),
    "newer-libc": lambda debian: install(debian, *(f"{package}/{NEXT}" for package in LIBC)),
    "older-libc": lambda debian: install(debian, *(f"{package}/bookworm" for package in LIBC)),
    "no-ldseal": lambda debian: debian.succeed("dpkg", "--purge", "ldseal"),
}


@pytest.fixture(scope="module")
def changed(made_systems):
    """Before any change, and what was seen after each: what booted, and what dpkg has to say."""
    debian = made_systems("bookworm")
    before = boot(debian.path)
    debian.install()
    debian.succeed("sealctl", "adopt", "--system")
    seen = {}
    for name, change in CHANGES.items():
        change(debian)
        # The root has no documents.
        said = debian.succeed("sh", "-c", "dpkg --audit; dpkg --verify | grep -v ' /usr/share/doc'; true")
        seen[name] = boot(debian.path), said
    return before, seen


@pytest.mark.parametrize("change", CHANGES)
def test_it_boots_and_works_as_before(changed, change):
    before, seen = changed
    booted, said = seen[change]
    assert said == ""
    assert (booted.state, booted.failed, booted.running) == (before.state, before.failed, before.running)
    work = {job: what for job, what in before.work.items() if job != OTHER_JOB}
    assert len(work) > 15
    assert {job: booted.work.get(job) for job in work if booted.work.get(job) != work[job]} == {}


@pytest.mark.parametrize("change", CHANGES)
def test_processes_are_sealed_while_ldseal_is_there(changed, change):
    _, seen = changed
    booted, _ = seen[change]
    sealed = [process for process in booted.processes if process.sealed]
    if change == "no-ldseal":
        assert sealed == []
    else:
        assert len(sealed) > 10
        assert "systemd" in {process.name for process in sealed}
