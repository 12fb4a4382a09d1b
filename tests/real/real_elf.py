"""What the tests of real programs must know about an ELF file: its class and its interpreter.

It reads and patches copies only; the programs of the machine are never written to.
"""

import struct
from pathlib import Path

PT_INTERP = 3


def is_elf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


def _interpreter_field(image: bytes) -> tuple[int, int] | None:
    """File offset and size of PT_INTERP's string, or None for a program that has none."""
    if image[:6] != b"\x7fELF\x02\x01":
        return None
    table, = struct.unpack_from("<Q", image, 32)
    entry_size, count = struct.unpack_from("<HH", image, 54)
    for index in range(count):
        kind, _, offset, _, _, size, _, _ = struct.unpack_from("<IIQQQQQQ", image, table + index * entry_size)
        if kind == PT_INTERP:
            return offset, size
    return None


def interpreter(path: Path) -> str | None:
    """The loader that the program names, or None (static, a script, another machine's class)."""
    with path.open("rb") as file:
        head = file.read(64 * 1024)
        field = _interpreter_field(head)
        if field is None:
            return None
        file.seek(field[0])
        return file.read(field[1]).rstrip(b"\0").decode()


def copy_with_interpreter(program: Path, copy: Path, loader: Path) -> None:
    """Copy a program and overwrite the name of its interpreter where it stands.

    Nothing moves in the file, so the copy stays the program that its distribution built; therefore
    the new name must fit into the room of the old one.
    """
    image = bytearray(program.read_bytes())
    field = _interpreter_field(image)
    if field is None:
        raise ValueError(f"{program} has no PT_INTERP")
    offset, size = field
    name = str(loader).encode() + b"\0"
    if len(name) > size:
        raise ValueError(f"{loader} does not fit into the {size} bytes of {program}'s PT_INTERP")
    image[offset:offset + size] = name.ljust(size, b"\0")
    copy.write_bytes(image)
    copy.chmod(program.stat().st_mode & 0o777)
