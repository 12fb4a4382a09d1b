"""Test roots: libcs of other Debian suites and machines, unpacked beside the build and never installed.

    from roots import root, RootUnavailable

    try:
        libc = root("glibc-sid")            # fetched on first use, cached under build/roots for good
    except RootUnavailable as reason:
        pytest.skip(str(reason))            # names the package or archive that is missing

    libc.path           Path: the folder the packages are unpacked in
    libc.version        str: the upstream version found, for example "2.43"; suites move, so never assume one
    libc.machine        str: "x86_64" or "aarch64"
    libc.library_dirs   list[Path]: folders with shared libraries, in search order
    libc.library_path   str: the same joined with ":", for --library-path or LD_LIBRARY_PATH
    libc.loader         Path: libc's own dynamic loader (musl: libc.so itself), to run as a command
    libc.packages       dict[str, str]: package name to full Debian version

Names are LIBC-SUITE for x86_64 and LIBC-SUITE-arm64 for aarch64:
    glibc-bookworm glibc-trixie glibc-sid     libc6, libgcc-s1, libstdc++6
    musl-bookworm  musl-trixie  musl-sid      musl, musl-dev (headers, Scrt1.o, crti.o … beside libc.so)

`packages_root(name, suite, architecture, packages)` makes a root of any other packages in the same way,
`program_root(package, suite, architecture)` one of a package and everything it depends on, its libc among it.
On the command line: `roots.py` lists the names, `roots.py NAME…` fetches roots and describes them.
"""

import contextlib
import dataclasses
import fcntl
import json
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOTS_FOLDER = Path(__file__).resolve().parents[2] / "build" / "roots"
ARCHIVE_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SUITES = ("bookworm", "trixie", "sid")
PACKAGES = {"glibc": ("libc6", "libgcc-s1", "libstdc++6"), "musl": ("musl", "musl-dev")}
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
LOADERS = {"glibc": {"amd64": "ld-linux-x86-64.so.2", "arm64": "ld-linux-aarch64.so.1"},
           "musl": {"amd64": "libc.so", "arm64": "libc.so"}}
LIBRARY_FOLDERS = {"glibc": "{machine}-linux-gnu", "musl": "{machine}-linux-musl"}
FETCH_SECONDS = 300
FAILURE_HOLDS_SECONDS = 120  # so that a thousand tests without a network do not each wait for a time-out


class RootUnavailable(Exception):
    """The archive, or a package in it, could not be fetched; the text says which and why."""


@dataclasses.dataclass(frozen=True)
class Root:
    name: str
    path: Path
    architecture: str
    packages: dict

    @property
    def machine(self):
        return MACHINES[self.architecture]

    @property
    def libc(self):
        return self.name.split("-")[0]

    @property
    def version(self):
        """The upstream version of the libc: Debian's without epoch and revision."""
        full = self.packages[PACKAGES[self.libc][0]]
        return full.split(":")[-1].rsplit("-", 1)[0]

    @property
    def library_dirs(self):
        folder = LIBRARY_FOLDERS[self.libc].format(machine=self.machine)
        # Before trixie packages put /lib and /usr/lib apart; from then on everything is in /usr/lib.
        both = [self.path / "lib" / folder, self.path / "usr/lib" / folder]
        return [directory for directory in both if directory.is_dir()]

    @property
    def library_path(self):
        return ":".join(map(str, self.library_dirs))

    @property
    def loader(self):
        wanted = LOADERS[self.libc][self.architecture]
        for directory in self.library_dirs:
            if (directory / wanted).exists():
                return directory / wanted
        raise FileNotFoundError(f"no {wanted} in {self.library_path}")


def names():
    return [f"{libc}-{suite}{ending}" for libc in PACKAGES for suite in SUITES for ending in ("", "-arm64")]


def root(name):
    """The root of this name, fetched if this is the first use. Raises RootUnavailable, or KeyError."""
    if name not in names():
        raise KeyError(f"no root is called {name}; there are {', '.join(names())}")
    libc, suite, *rest = name.split("-")
    return packages_root(name, suite, rest[0] if rest else "amd64", PACKAGES[libc])


def program_root(package, suite, architecture="amd64"):
    """A root of this package and all that it depends on, whatever those packages are called this week."""
    return packages_root(f"glibc-{suite}-{package}-{architecture}", suite, architecture, [package], _with_dependencies)


def packages_root(name, suite, architecture, packages, choose=lambda options, state, packages: packages):
    """A root of just these packages of one suite and architecture, or of those that `choose` makes of them."""
    folder = ROOTS_FOLDER / name
    with _locked():
        versions = _read_json(folder / "packages.json")
        if versions is None:
            _refuse_if_just_failed(name)
            try:
                versions = _fetch(folder, suite, architecture, packages, choose)
            except RootUnavailable as reason:
                _failure_file(name).write_text(json.dumps({"time": time.time(), "reason": str(reason)}))
                raise
    return Root(name, folder, architecture, versions)


@contextlib.contextmanager
def _locked():
    """One fetch at a time over all processes: tests run in parallel."""
    ROOTS_FOLDER.mkdir(parents=True, exist_ok=True)
    with open(ROOTS_FOLDER / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read_json(path):
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return None


def _failure_file(name):
    return ROOTS_FOLDER / f".{name}.failed"


def _refuse_if_just_failed(name):
    failure = _read_json(_failure_file(name))
    if failure and time.time() - failure["time"] < FAILURE_HOLDS_SECONDS:
        raise RootUnavailable(failure["reason"])


def _fetch(folder, suite, architecture, packages, choose):
    state = ROOTS_FOLDER / f".apt-{suite}-{architecture}"
    downloads = state / "downloads"
    unpacked = folder.with_name(f".{folder.name}.partial")
    for directory in (downloads, unpacked):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
    options = _private_apt(state, suite, architecture)
    wanted = f"{', '.join(packages)} ({architecture}) of Debian {suite}"
    # Always: an index from an earlier day may name files that a moving suite no longer has.
    _run(["apt-get", *options, "update"], state, f"the package index for {wanted}")
    _run(["apt-get", *options, "download", *choose(options, state, packages)], downloads, wanted)
    versions = {}
    for archive in sorted(downloads.glob("*.deb")):
        fields = _run(["dpkg-deb", "-f", archive, "Package", "Version"], state, archive.name)
        field = dict(line.split(": ", 1) for line in fields.splitlines())
        versions[field["Package"]] = field["Version"]
        _run(["dpkg-deb", "-x", archive, unpacked], state, archive.name)
    shutil.rmtree(downloads)
    (unpacked / "packages.json").write_text(json.dumps(versions, indent=2) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    unpacked.rename(folder)
    return versions


def _with_dependencies(options, state, packages):
    """The packages that apt would install on a system that has none."""
    plan = _run(["apt-get", *options, "install", "--simulate", "--no-install-recommends", *packages], state,
                f"what {', '.join(packages)} depends on")
    return [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]


def _private_apt(state, suite, architecture):
    """apt options under which it knows one suite of one architecture and touches nothing outside `state`."""
    for directory in ("lists/partial", "cache/archives/partial"):
        (state / directory).mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    signed = f" signed-by={ARCHIVE_KEYRING}" if ARCHIVE_KEYRING.exists() else ""
    (state / "sources.list").write_text(f"deb [arch={architecture}{signed}] {_mirror()} {suite} main\n")
    settings = {
        "Dir::State": state, "Dir::State::lists": state / "lists", "Dir::State::status": state / "status",
        "Dir::Cache": state / "cache", "Dir::Etc::SourceList": state / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null", "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "APT::Architecture": architecture, "APT::Architectures": architecture,
        "APT::Sandbox::User": "",  # the folders belong to the user who runs the tests, not to the user _apt
        "APT::Update::Error-Mode": "any",  # a package index that cannot be fetched is an error, not a warning
        "Acquire::Languages": "none", "Acquire::Retries": "2", "Acquire::http::Timeout": "30",
    }
    return ["-qq", *(f"-o{key}={value}" for key, value in settings.items())]


def _mirror():
    """Where this machine gets Debian from, by apt's own reading of its sources, whatever their format."""
    codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    listing = _run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(CODENAME) $(COMPONENT)",
                    "Created-By: Packages"], ROOTS_FOLDER, "the list of this machine's apt sources")
    for line in listing.splitlines():
        address, *words = line.split()
        if codename in words and "main" in words:
            return address
    raise RootUnavailable(f"this machine's apt sources have no main component of {codename}")


def _run(command, folder, wanted):
    command = [str(word) for word in command]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=FETCH_SECONDS)
    except FileNotFoundError:
        raise RootUnavailable(f"cannot fetch {wanted}: {command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise RootUnavailable(f"cannot fetch {wanted}: no answer in {FETCH_SECONDS} s") from None
    if done.returncode != 0:
        raise RootUnavailable(f"cannot fetch {wanted}: {' '.join(done.stderr.split())[-300:]}")
    return done.stdout


def main(arguments):
    if not arguments:
        print("\n".join(names()))
        return 0
    for name in arguments:
        try:
            found = root(name)
        except (RootUnavailable, KeyError) as reason:
            print(f"{name}: {reason}", file=sys.stderr)
            return 1
        print(f"{name}: version {found.version}, {found.machine}, loader {found.loader}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
