"""Programs start where memory is never both written and executed: under PR_SET_MDWE and under systemd's filter.

The system's loader and musl's start there. On aarch64 nothing here can enforce it; that mprotect never adds PROT_EXEC is
what the scripted kernel of tests/fake holds every mapping of an object to.
"""

import shutil
from pathlib import Path

import pytest

import loaders
from process import environment, run
from roots import RootUnavailable, root

HERE = Path(__file__).resolve().parent
OBSERVE = loaders.PROJECT / "tests/programs/include"
NO_LIBC = loaders.PROJECT / "tests/damage/mapped/small.c"
RIGHT_STATUS = 42
NOT_KNOWN = 3  # the enforcer's own status where the kernel has no PR_SET_MDWE
LARGE_PAGES = ["-Wl,-z,max-page-size=65536,-z,separate-code"]


def compile(*words, output):
    result = run([*words, "-o", output], timeout=120)
    assert (result.status, result.err) == (0, ""), result
    return output


@pytest.fixture(scope="module")
def loader():
    path = loaders.loader("x86_64")
    assert path.exists(), f"{path} is not built: run tools/build"
    return path


@pytest.fixture(scope="module")
def enforcer(tmp_path_factory):
    return compile("gcc", "-O1", "-Wall", HERE / "write_xor_execute.c", output=tmp_path_factory.mktemp("wx") / "enforcer")


@pytest.fixture(params=["prctl", "filter"])
def enforced(request, enforcer):
    """The words before a command line that make the kernel refuse what is both written and executed."""
    words = [enforcer, request.param]
    if run([*words, "true"]).status == NOT_KNOWN:
        pytest.skip(f"this kernel has no {request.param} for it")
    return words


LINKS = {
    "glibc": ["gcc", "-pie", "-fPIE"],
    "glibc, full RELRO": ["gcc", "-pie", "-fPIE", "-Wl,-z,now"],
    "glibc, fixed address": ["gcc", "-no-pie", "-fno-pie"],
    "glibc, lld": ["clang", "-fuse-ld=lld", "-pie", "-fPIE"],
    "glibc, code first": ["gcc", "-pie", "-fPIE", "-Wl,-z,noseparate-code"],
    "glibc, large pages": ["gcc", "-pie", "-fPIE", *LARGE_PAGES],
    "musl": ["musl-gcc", "-pie", "-fPIE"],
    "musl, fixed address": ["musl-gcc", "-no-pie", "-fno-pie"],
}


def program(name, source, folder, loader):
    compiler, *flags = LINKS[name]
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is missing")
    return compile(compiler, "-O1", source, *flags, f"-Wl,--dynamic-linker={loader}", output=folder / "program")


def launches(loader, path):
    return ([path], [loader, path])


@pytest.mark.parametrize("name", LINKS)
def test_a_program_starts_and_is_refused_what_it_should_be(name, enforced, loader, tmp_path):
    path = program(name, HERE / "refusals.c", tmp_path, loader)
    for command in launches(loader, path):
        result = run([*enforced, *command])
        assert (result.status, result.err) == (0, ""), result


def test_slots_that_calls_go_through_stay_and_the_trace_says_so(enforced, loader, tmp_path):
    path = program("glibc", HERE / "refusals.c", tmp_path, loader)
    result = run([*enforced, loader, path], env=environment(LDSEAL="require", LDSEAL_DEBUG="seal"))
    assert result.status == 0, result
    left = [line for line in result.err.splitlines() if "call slots stay writable in" in line]
    assert any(f"{path} (executable memory is refused: " in line for line in left), result
    assert " plt sealed " not in result.err, result


def test_a_program_without_libc_starts(enforced, loader, tmp_path):
    path = compile("clang", "-O1", NO_LIBC, f"-I{OBSERVE}", "-nostdlib", "-ffreestanding", "-fPIE", "-pie", "-Wl,-e,start",
                   f"-Wl,--dynamic-linker={loader}", output=tmp_path / "program")
    for command in launches(loader, path):
        result = run([*enforced, *command])
        assert (result.status, result.err) == (RIGHT_STATUS, ""), result


@pytest.mark.parametrize("libc", ["glibc", "musl"])
def test_a_program_that_seals_itself_starts(libc, enforced, tmp_path):
    wrapper = loaders.PROJECT / "build/crt/ldseal-cc"
    assert wrapper.exists(), f"{wrapper} is not built: run tools/build"
    path = compile(wrapper, f"--libc={libc}", "-O1", HERE / "refusals.c", output=tmp_path / "program")
    result = run([*enforced, path])
    assert (result.status, result.err) == (0, ""), result


@pytest.mark.parametrize("mode", ["lazy", "now"])
@pytest.mark.parametrize("flags", [[], LARGE_PAGES, ["-Wl,-z,noseparate-code"]], ids=["usual", "with holes", "code first"])
@pytest.mark.parametrize("name", ["glibc", "glibc, fixed address", "musl"])
def test_an_object_is_opened(name, flags, mode, enforced, loader, tmp_path):
    path = program(name, HERE / "opens_object.c", tmp_path, loader)
    library = compile(LINKS[name][0], "-O1", "-shared", "-fPIC", HERE / "answers.c", *flags, output=tmp_path / "answers.so")
    for command in launches(loader, path):
        result = run([*enforced, *command, library, mode])
        assert (result.status, result.err) == (RIGHT_STATUS, ""), result


@pytest.mark.parametrize("name", ["glibc-trixie", "glibc-sid"])
def test_a_newer_glibc_starts(name, enforced, loader, tmp_path):
    try:
        libc = root(name)
    except RootUnavailable as reason:
        pytest.skip(str(reason))
    path = program("glibc", HERE / "refusals.c", tmp_path, loader)
    result = run([*enforced, loader, "--library-path", libc.library_path, path])
    assert (result.status, result.err) == (0, ""), result


@pytest.mark.parametrize("words, text", [
    (["python3", "-c", "import ssl, ctypes; print(ssl.OPENSSL_VERSION[:7])"], "OpenSSL\n"),
    (["git", "--version"], "git version"),
    (["perl", "-MPOSIX", "-e", "print floor(42.5)"], "42"),
    (["bash", "-c", "echo $((6 * 7))"], "42\n"),
], ids=lambda value: value[0] if isinstance(value, list) else "")
def test_a_big_program_starts(words, text, enforced, loader):
    found = shutil.which(words[0], path="/usr/bin:/bin")
    if found is None:
        pytest.skip(f"{words[0]} is missing")
    result = run([*enforced, loader, found, *words[1:]])
    assert result.status == 0 and result.out.startswith(text), result
