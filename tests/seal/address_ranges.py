"""Sets of addresses, as sorted lists of (start, end) without overlap, and where an object's parts lie in memory."""

import os

from elf_file import ET_DYN, PF_W, PT_GNU_RELRO, PT_LOAD, ElfFile

PAGE = os.sysconf("SC_PAGESIZE")


def down(address):
    return address // PAGE * PAGE


def up(address):
    return down(address + PAGE - 1)


def joined(ranges):
    """The same addresses in as few ranges as possible."""
    result = []
    for start, end in sorted((start, end) for start, end in ranges if start < end):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def without(ranges, others):
    """What is in `ranges` and not in `others`."""
    left = joined(ranges)
    for from_, to in joined(others):
        left = [piece for start, end in left
                for piece in ((start, min(end, from_)), (max(start, to), end)) if piece[0] < piece[1]]
    return left


def of(areas):
    """The addresses of mappings, or of lines of the plan."""
    return joined((area.start, area.end) for area in areas)


def shown(ranges):
    return [f"{start:x}-{end:x}" for start, end in ranges]


class LoadedObject:
    """An ELF object that a process has mapped."""

    def __init__(self, path, lowest):
        self.path = path
        self.elf = ElfFile(path)
        loads = self.elf.segments_of(PT_LOAD)
        self.bias = lowest - down(loads[0].address) if self.elf.type == ET_DYN else 0

    def never_writable(self):
        """The pages of the segments that are mapped read-only."""
        return self._pages(lambda load: not load.flags & PF_W)

    def writable(self):
        """The pages of the others; RELRO is among them."""
        return self._pages(lambda load: load.flags & PF_W)

    def _pages(self, wanted):
        return joined((down(load.address + self.bias), up(load.address + load.memory_size + self.bias))
                      for load in self.elf.segments_of(PT_LOAD) if load.memory_size and wanted(load))

    def relro(self):
        """The pages that are read-only after relocation: a part of a page at the end stays writable."""
        return joined((down(part.address + self.bias), down(part.address + part.memory_size + self.bias))
                      for part in self.elf.segments_of(PT_GNU_RELRO))


def loaded_objects(areas):
    """Every ELF object among the mappings; files of data are none."""
    lowest = {}
    for area in areas:
        if area.inode and area.name.startswith("/"):
            lowest.setdefault(area.name, area.start)
    found = []
    for path, start in lowest.items():
        with open(path, "rb") as file:
            is_elf = file.read(4) == b"\x7fELF"
        if is_elf:
            found.append(LoadedObject(path, start))
    return found
