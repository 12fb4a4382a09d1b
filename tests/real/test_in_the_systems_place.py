"""Programs as they are, in a mount namespace in which ld-seal has the place of the system's loader."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from loaders import SYSTEM_LOADERS, loader
from process import environment, run
from roots import RootUnavailable, packages_root
from sources import sources_of

HERE = Path(__file__).resolve().parent
CASES = sources_of(__file__)
SYSTEM_LOADER = SYSTEM_LOADERS["x86_64"]
NAMESPACE = ("unshare", "--map-root-user", "--mount", "--propagation", "private", "sh", "-c",
             'mount --bind "$0" "$1" && shift && exec "$@"')
PROGRAMS = 60


@pytest.fixture(scope="module")
def in_place(tmp_path_factory, candidate):
    """Runs a command in which every program that names the system's loader gets ours."""
    folder = tmp_path_factory.mktemp("lib64")
    shutil.copy(candidate, folder / SYSTEM_LOADER.name)

    def start(*command, **variables):
        words = [*NAMESPACE, folder, SYSTEM_LOADER.parent, *command]
        return run(words, env=environment(**variables), timeout=120)

    refused = start("true")
    if refused.status != 0:
        pytest.skip(f"no mount namespace: {refused.err.strip()}")
    return start


def test_some_of_the_machines_programs_answer_as_under_the_systems_loader():
    words = [sys.executable, HERE / "sweep.py", "--system", "--loader", loader("x86_64"), "--some", str(PROGRAMS)]
    found = run([*words, "/usr/bin", "/usr/sbin"], timeout=400)
    assert found.status == 0, found.out + found.err
    compared, = re.findall(r"^(\d+) programs: 0 answers differ, \d+ cannot be compared$", found.out, re.MULTILINE)
    assert int(compared) == PROGRAMS, found


def test_a_traced_tree_of_programs_is_as_under_the_systems_loader(in_place):
    """PRoot asks for an executable stack, so it is left to libc's own loader; what it starts is not."""
    try:
        root = packages_root("proot", "bookworm", "amd64", ["proot", "libtalloc2", "libarchive13"]).path
    except RootUnavailable as reason:
        pytest.skip(str(reason))
    command = [root / "usr/bin/proot", "-0", "-b", f"{HERE}:/mnt", "sh", "-c",
               "ls /mnt | sort | head -n 3; id -u; readlink /proc/self/exe; bash -c 'exit 7'"]
    variables = {"LD_LIBRARY_PATH": root / "usr/lib/x86_64-linux-gnu"}
    wanted = run(command, env=environment(**variables))
    found = in_place(*command, **variables)
    assert wanted.status == 7 and "/usr/bin/readlink" in wanted.out, wanted
    assert (found.status, found.out, found.err) == (wanted.status, wanted.out, wanted.err)
    traced = in_place(*command, **variables, LDSEAL_DEBUG="seal")
    assert len(re.findall("takes over, .*proot", traced.err)) == 1 and "ranges sealed in" in traced.err, traced


@pytest.mark.slow
@pytest.mark.parametrize("flags", [(), ("-dynamic",)], ids=["static", "dynamic"])
def test_a_haskell_program_is_compiled_and_runs(in_place, tmp_path, flags):
    """GHC and what it links dynamically ask for executable stacks."""
    if shutil.which("ghc") is None:
        pytest.skip("needs the package ghc")
    program = tmp_path / "program"
    compiled = in_place("ghc", *flags, "-v0", "-outputdir", tmp_path, CASES / "program.hs", "-o", program)
    assert (compiled.status, compiled.out, compiled.err) == (0, "", "")
    wanted, found = run([program]), in_place(program)
    assert wanted.status == 0 and wanted.out.splitlines() == ["333833500", "2432902008176640000", "Left divide by zero"]
    assert (found.status, found.out, found.err) == (wanted.status, wanted.out, wanted.err)
