"""Writes the archive that a kernel unpacks as its first file system: cpio's "newc" form, uncompressed."""

import stat

MAGIC = b"070701"
TRAILER = "TRAILER!!!"


class Archive:
    """Folders are made as they are needed; a path is written without its leading slash."""

    def __init__(self):
        self._parts = []
        self._folders = set()
        self._count = 0

    def file(self, path, contents, mode=0o755):
        self._folders_above(path)
        self._entry(path, stat.S_IFREG | mode, contents)

    def folder(self, path):
        self._folders_above(f"{path}/")

    def link(self, path, target):
        self._folders_above(path)
        self._entry(path, stat.S_IFLNK | 0o777, target.encode())

    def write(self, output):
        self._entry(TRAILER, 0, b"")
        output.write_bytes(b"".join(self._parts))

    def _folders_above(self, path):
        names = path.lstrip("/").split("/")[:-1]
        for depth in range(1, len(names) + 1):
            folder = "/".join(names[:depth])
            if folder not in self._folders:
                self._folders.add(folder)
                self._entry(folder, stat.S_IFDIR | 0o755, b"")

    def _entry(self, path, mode, contents):
        name = path.strip("/").encode() + b"\0"
        self._count += 1
        numbers = (self._count, mode, 0, 0, 1, 0, len(contents), 0, 0, 0, 0, len(name), 0)
        header = MAGIC + b"".join(b"%08x" % number for number in numbers)
        self._parts += [_padded(header + name), _padded(contents)]


def _padded(data):
    return data + bytes(-len(data) % 4)
