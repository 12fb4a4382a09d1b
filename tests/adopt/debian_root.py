"""A minimal Debian, made by mmdebstrap once and kept in build/roots, with libc6's package beside it."""

import shutil
import subprocess
from pathlib import Path

import roots
from made_root import SEALCTL, install_seal
from process import environment, run

MAKE_SECONDS = 600
# apt keeps its lists and libc6's package, so that it can be installed again without a network.
KEEPS = ["--skip=cleanup/apt", "--skip=cleanup/tmp",
         "--customize-hook=chroot \"$1\" apt-get --yes --download-only install --reinstall libc6"]


def archive(suite):
    """The archive of a minimal root of this suite. Raises RootUnavailable."""
    kept = roots.ROOTS_FOLDER / f"minbase-{suite}.tar"
    with roots._locked():
        if not kept.exists():
            _make(suite, kept)
    return kept


def _make(suite, kept):
    partial = kept.with_suffix(".partial.tar")
    keyring = roots.ARCHIVE_KEYRING
    trusted = [f"--keyring={keyring}"] if keyring.exists() else []
    command = ["mmdebstrap", "--variant=minbase", "--mode=root", *trusted, *KEEPS, suite, partial, roots._mirror()]
    try:
        done = run(command, timeout=MAKE_SECONDS)
    except FileNotFoundError:
        raise roots.RootUnavailable("mmdebstrap is not installed") from None
    if done.status != 0:
        raise roots.RootUnavailable(f"mmdebstrap {suite}: {' '.join(done.err.split())[-300:]}")
    partial.rename(kept)


class DebianRoot:
    def __init__(self, suite, folder):
        self.path = Path(folder)
        self.path.mkdir()
        subprocess.run(["tar", "-xpf", archive(suite), "-C", self.path], check=True)
        install_seal(self.path)

    def put_sealctl(self):
        """The tool inside, with the libraries it is linked to, to be run as the root's own."""
        shutil.copy2(SEALCTL, self.path / "usr/bin/sealctl")
        listed = run(["ldd", SEALCTL])
        for line in listed.out.splitlines():
            name, _, rest = line.strip().partition(" => ")
            if rest and not (self.path / "usr/lib/x86_64-linux-gnu" / name).exists():
                shutil.copy2(Path(rest.split()[0]).resolve(), self.path / "usr/lib/x86_64-linux-gnu" / name)
        assert self.run("ldconfig").status == 0

    def run(self, *command, timeout=120):
        """Runs a command of the root in it, with /proc and /dev, which go away with the command."""
        script = ('mount -t proc proc "$1/proc"; mount --bind /dev "$1/dev"; root=$1; shift; exec chroot "$root" "$@"')
        alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        return run([*alone, "sh", "-ec", script, "sh", self.path, *command], timeout=timeout,
                   env=environment(DEBIAN_FRONTEND="noninteractive"))
