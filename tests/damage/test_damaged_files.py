"""Damaged objects as files: the real loader refuses each in one line and with status 127, and never crashes.

The files and the lines expected come from the cases of this folder (write_files.cc); what random mutations do is looked
at by mutate.cc. Both are built with the unit tests.
"""

import os
import shutil
import struct
from pathlib import Path

import pytest

import loaders
from process import run

HERE = Path(__file__).resolve().parent
TOOLS = Path(os.environ.get("LDSEAL_BUILD", loaders.PROJECT / "build")) / "tests" / "damage"
WRITE_FILES = TOOLS / "write-damaged-files"
MUTATE = TOOLS / "mutate-objects"
MISSING = "cannot open shared object file: No such file or directory"
RIGHT_STATUS = 42  # what the code in the right object ends with
REFUSED = 127
MUTATIONS = 600


def case_names():
    """The cases, from the program that writes them; where it is not built one test fails and says so."""
    if not WRITE_FILES.exists():
        return ["not-built"]
    return run([WRITE_FILES, "--names"]).out.split()


@pytest.fixture(scope="module")
def loader():
    path = loaders.loader("x86_64")
    assert path.exists(), f"{path} is not built: run tools/build"
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    assert WRITE_FILES.exists(), f"{WRITE_FILES} is not built: run tools/build"
    folder = tmp_path_factory.mktemp("damaged")
    result = run([WRITE_FILES, folder])
    assert result.status == 0, result
    return folder


def start(loader, folder, name):
    return run([loader, "--library-path", folder, folder / name], timeout=20)


def assert_refused(result, line):
    assert (result.status, result.out, result.err) == (REFUSED, "", line + "\n"), result


@pytest.mark.parametrize("name", ["Right", "Right.so"])
def test_the_right_object_runs_as_a_library_and_as_a_program(loader, files, name):
    result = start(loader, files, name)
    assert (result.status, result.err) == (RIGHT_STATUS, ""), result


@pytest.mark.parametrize("name", case_names())
def test_a_program_that_needs_a_damaged_library_is_refused(loader, files, name):
    expected = (files / f"{name}.expected").read_text().splitlines()[0]
    if expected == "-":  # passed over in a search, or right in a library
        assert start(loader, files, name).status in (REFUSED, RIGHT_STATUS)
    else:
        assert_refused(start(loader, files, name), expected)


@pytest.mark.parametrize("name", case_names())
def test_a_damaged_program_is_refused(loader, files, name):
    expected = (files / f"{name}.expected").read_text().splitlines()[1]
    result = start(loader, files, f"{name}.so")
    if expected == "-":  # what only a library must not have
        assert result.status in (REFUSED, RIGHT_STATUS), result
    else:
        assert_refused(result, expected)


def test_a_library_for_another_machine_is_passed_over_in_the_search(loader, files):
    result = start(loader, files, "MachineIsAnother")
    assert result.status == REFUSED, result
    assert result.err.startswith(f"ld-seal: MachineIsAnother.so: {MISSING}, needed by {files}/MachineIsAnother")
    assert result.err.count("\n") == 1, result


def test_a_libc_without_a_loader_is_refused(loader, files):
    line = f"ld-seal: {files}/libc.so.6: cannot be brought up as libc: DT_NEEDED of its loader is missing"
    assert_refused(start(loader, files, "NeedsLibc"), line)


def patched(files, name, offset, form, *values):
    data = bytearray((files / "Right.so").read_bytes())
    struct.pack_into(form, data, offset, *values)
    path = files / name
    path.write_bytes(data)
    path.chmod(0o755)
    return path


E_ENTRY, E_PHOFF, E_PHNUM = 24, 32, 56


def test_an_object_without_entry_is_no_program(loader, files):
    path = patched(files, "NoEntry.so", E_ENTRY, "<Q", 0)
    assert_refused(start(loader, files, path.name), f"ld-seal: {path}: is not a program: e_entry 0x0 is in no executable segment")


def test_an_entry_outside_the_program_is_refused(loader, files):
    path = patched(files, "FarEntry.so", E_ENTRY, "<Q", 0x7FFFFFFF0000)
    result = start(loader, files, path.name)
    assert result.status == REFUSED, result
    assert result.err.startswith(f"ld-seal: {path}: ") and result.err.count("\n") == 1, result


@pytest.mark.parametrize("name, field", [("FarInit", "DT_INIT_ARRAY"), ("FarFini", "DT_FINI_ARRAY")])
def test_constructors_and_destructors_outside_all_code_are_refused_before_any_runs(loader, files, name, field):
    line = f"ld-seal: {files}/{name}.so: {field} 0x10 is in no executable segment"
    assert_refused(start(loader, files, name), line)


def test_program_headers_outside_every_segment_are_refused(loader, files):
    data = bytearray((files / "Right.so").read_bytes())
    (start_of_headers,) = struct.unpack_from("<Q", data, E_PHOFF)
    (count,) = struct.unpack_from("<H", data, E_PHNUM)
    headers = data[start_of_headers:start_of_headers + count * 56]
    struct.pack_into("<Q", data, E_PHOFF, len(data))
    path = files / "HeadersBehind.so"
    path.write_bytes(data + headers)
    path.chmod(0o755)
    line = f"ld-seal: {path}: program headers are in no PT_LOAD segment"
    assert_refused(start(loader, files, path.name), line)


@pytest.mark.parametrize("size", [0, 1, 4, 63, 64, 100, 4095, 4096])
def test_a_truncated_library_is_refused(loader, files, size):
    name = f"Truncated{size}"
    (files / f"{name}.so").write_bytes((files / "Right.so").read_bytes()[:size])
    program = (files / "Right").read_bytes().replace(b"Right.so\0", b"T.so\0\0\0\0\0")
    (files / name).write_bytes(program)
    (files / name).chmod(0o755)
    shutil.copy(files / f"{name}.so", files / "T.so")
    result = start(loader, files, name)
    assert result.status == REFUSED, result
    assert result.err.startswith(f"ld-seal: {files}/T.so: ") and result.err.count("\n") == 1, result


STYLES = {
    "both hashes and RELR": ["-fuse-ld=lld", "-Wl,--hash-style=both", "-Wl,--pack-dyn-relocs=relr"],
    "DT_GNU_HASH alone": ["-fuse-ld=lld", "-Wl,--hash-style=gnu"],
    "DT_HASH alone": ["-fuse-ld=bfd", "-Wl,--hash-style=sysv"],
}


@pytest.fixture(scope="module", params=STYLES.values(), ids=STYLES)
def template(request, tmp_path_factory):
    """A folder with a right library `mutated.so`, its copy `template.so`, and a program that needs it."""
    folder = tmp_path_factory.mktemp("mutated")
    build = ["clang", "-O1", "-nostdlib", "-ffreestanding", "-fno-stack-protector", "-Wl,-z,now"]

    def compile(*words):
        result = run([*build, *words], cwd=folder)
        assert result.status == 0, result

    source = HERE / "mutated"
    compile("-shared", "-fPIC", f"-Wl,--version-script={source}/needed.map", "-Wl,-soname,libneeded.so",
            source / "needed.c", "-o", "libneeded.so")
    compile("-shared", "-fPIC", *request.param, f"-Wl,--version-script={source}/library.map",
            "-Wl,-soname,mutated.so", "-Wl,-e,start", source / "library.c", "libneeded.so", "-o", "mutated.so")
    compile("-fno-pic", "-no-pie", *request.param, "-Wl,-e,start", "-Wl,--allow-shlib-undefined",
            source / "program.c", "mutated.so", "libneeded.so", "-o", "program")
    shutil.copy(folder / "mutated.so", folder / "template.so")
    return folder


def test_the_template_runs(loader, template):
    for name in ("program", "template.so"):
        result = start(loader, template, name)
        assert (result.status, result.err) == (RIGHT_STATUS, ""), result


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.long) for seed in (3, 4, 5))])
@pytest.mark.parametrize("mode", ["run", "list", "program"])
def test_random_mutations_never_crash_the_loader(loader, template, tmp_path, mode, seed):
    assert MUTATE.exists(), f"{MUTATE} is not built: run tools/build"
    for name in ("program", "libneeded.so"):
        shutil.copy(template / name, tmp_path)
    result = run([MUTATE, loader, template / "template.so", tmp_path, str(seed), str(MUTATIONS), mode], timeout=300)
    assert result.status == 0, result
    assert result.out == "", f"{result}\n{loader} on {template}/template.so with these bytes changed"
    refused = int(result.err.split()[0])
    assert refused > MUTATIONS // 10, "the mutations hardly touch what the loader reads"
