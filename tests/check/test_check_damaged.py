"""No damaged file makes `sealctl check` crash, and what it says of one is what the loader says."""

import os
import random
import shutil
import struct

import pytest

from check_tools import FINDING, FINE, SEALCTL, build, build_library, check, rules, seen
from elf_file import PT_DYNAMIC, PT_INTERP, PT_LOAD, program_headers
from loaders import loader
from process import run

HEADER_FIELDS = {"e_ident": 0, "EI_CLASS": 4, "EI_DATA": 5, "e_type": 16, "e_machine": 18, "e_version": 20,
                 "e_entry": 24, "e_phoff": 32, "e_phentsize": 54, "e_phnum": 56}
SEGMENT_FIELDS = {"p_type": 0, "p_flags": 4, "p_offset": 8, "p_vaddr": 16, "p_filesz": 32, "p_memsz": 40, "p_align": 48}
RANDOM_FILES = 150


def damaged(tmp_path, original, change):
    image = bytearray(original.read_bytes())
    change(image)
    path = tmp_path / "damaged"
    path.write_bytes(image)
    path.chmod(0o755)
    return path


def first_header(image, kind):
    return next(at for at, each, _ in program_headers(bytes(image)) if each == kind)


@pytest.mark.parametrize("field", HEADER_FIELDS)
@pytest.mark.parametrize("value", [0, 0xFF])
def test_a_wrong_header(tmp_path, plain, field, value):
    def change(image):
        image[HEADER_FIELDS[field]:HEADER_FIELDS[field] + 1] = bytes([value])
    status, document = check(damaged(tmp_path, plain, change))
    (file,) = document["files"]
    assert status == (FINE if file["outcome"] == "sealed" else FINDING)
    if field in ("e_ident", "EI_CLASS", "e_machine", "e_phentsize"):
        assert file["outcome"] != "sealed"


@pytest.mark.parametrize("kind", [PT_LOAD, PT_DYNAMIC, PT_INTERP])
@pytest.mark.parametrize("field", SEGMENT_FIELDS)
@pytest.mark.parametrize("value", [1, 0x1001, 1 << 40, (1 << 64) - 1])
def test_a_wrong_segment(tmp_path, plain, kind, field, value):
    size = 4 if field in ("p_type", "p_flags") else 8

    def change(image):
        at = first_header(image, kind) + SEGMENT_FIELDS[field]
        image[at:at + size] = (value & ((1 << 8 * size) - 1)).to_bytes(size, "little")
    check(damaged(tmp_path, plain, change))


@pytest.mark.parametrize("value", [1, 0xFFFF, 1 << 40, (1 << 64) - 1])
def test_a_wrong_entry_of_the_dynamic_section(tmp_path, plain, value):
    image = plain.read_bytes()
    start, size = struct.unpack_from("<Q", image, first_header(image, PT_DYNAMIC) + 8)[0], 16
    for index in range(24):
        check(damaged(tmp_path, plain, lambda image: struct.pack_into("<Q", image, start + size * index + 8, value)))


@pytest.mark.parametrize("length", [0, 1, 3, 4, 16, 20, 63, 64, 100, 1000, 4096, 8192, 12000])
def test_a_file_that_is_cut_off(tmp_path, plain, length):
    file = seen(damaged(tmp_path, plain, lambda image: image.__delitem__(slice(length, None))))
    assert file["outcome"] in ("foreign", "fails"), file


def test_a_damaged_library_is_the_reason_for_its_program(tmp_path):
    library = build_library(tmp_path / "libcut.so")
    program = build(tmp_path / "user", library, f"-Wl,-rpath,{tmp_path}",
                    text="int function(void);\nint main(void) { return function(); }\n")
    library.write_bytes(library.read_bytes()[:300])
    file = seen(program)
    assert (file["outcome"], rules(file), file["reasons"][0]["object"]) == ("fails", ["damaged"], str(library))
    said = run([loader("x86_64"), program])
    assert said.status == 127 and file["reasons"][0]["text"] in said.err, (file, said)


def test_random_damage_is_survived(tmp_path, plain):
    """All in one folder and one run: a crash would end it."""
    random.seed(7)
    original = plain.read_bytes()
    for number in range(RANDOM_FILES):
        image = bytearray(original)
        for _ in range(random.randint(1, 12)):
            anywhere = random.random() < 0.3
            image[random.randrange(16, len(image) if anywhere else 1000)] = random.randrange(256)
        (tmp_path / f"damaged{number}").write_bytes(image)
    shutil.copy(plain, tmp_path / "right")
    status, document = check(tmp_path)
    outcomes = {file["path"]: file["outcome"] for file in document["files"]}
    assert status == FINDING and outcomes[str(tmp_path / "right")] == "sealed"
    assert len(outcomes) > RANDOM_FILES / 2


def test_folders_that_lead_in_circles_end(tmp_path, plain):
    shutil.copy(plain, tmp_path / "one")
    (tmp_path / "circle").symlink_to(tmp_path)
    result = run([SEALCTL, "check", tmp_path])
    assert (result.status, result.out) == (FINE, "1 file: 1 sealed.\n"), result


def test_a_pipe_in_a_folder_does_not_stop_the_walk(tmp_path, plain):
    os.mkfifo(tmp_path / "pipe")
    shutil.copy(plain, tmp_path / "one")
    assert check(tmp_path, timeout=20)[0] == FINE
