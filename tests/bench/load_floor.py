"""The floor of a program with libraries: what the kernel alone takes to map them all and to show the pages that every
loader has to read. cases/workloads/load_floor.c does it; the list of pages is made here, before anything is measured."""

import re
import subprocess

from elf_file import DT_JMPREL, DT_PLTRELSZ, DT_RELA, DT_RELASZ, DT_STRTAB, DT_SYMTAB, ElfFile

PAGE = 4096
SYMBOL_SIZE = 24
LIBC = re.compile(r"/(libc\.so\.6|ld-linux[^/]*)$")  # its own rtld maps them on both sides


class Library:
    """A library and the pages of it that are read: relocations, the symbols they name, the names of these, and what they
    are bound to. Hash tables are left out: which pages of them are read depends on the loader."""

    def __init__(self, path):
        self.file = ElfFile(path)
        self.symbol_table = self.file.dynamic_value(DT_SYMTAB)
        self.names = self.file.dynamic_value(DT_STRTAB)
        self.symbols = self.file.symbols()
        self.name_offsets = [int.from_bytes(self.file.data[at:at + 4], "little") for at in self._entries()]
        self.pages = set()
        for start, size in ((DT_RELA, DT_RELASZ), (DT_JMPREL, DT_PLTRELSZ)):
            if (address := self.file.dynamic_value(start)) is not None:
                self._read(address, self.file.dynamic_value(size, 0))

    def _entries(self):
        start = self.file.file_offset(self.symbol_table)
        return range(start, start + SYMBOL_SIZE * (len(self.symbols) + 1), SYMBOL_SIZE)

    def _read(self, address, size):
        self.pages.update(range(address // PAGE, (address + max(size, 1) - 1) // PAGE + 1))

    def read_symbol(self, index):
        self._read(self.symbol_table + SYMBOL_SIZE * index, SYMBOL_SIZE)
        self._read(self.names + self.name_offsets[index], len(self.symbols[index - 1].name) + 1)

    def referred(self):
        """The symbols that relocations name, by their index."""
        return {relocation.symbol for relocation in self.file.relocations()} - {0}

    def definitions(self):
        return {symbol.name: index for index, symbol in enumerate(self.symbols, 1) if symbol.section != 0}


def command(tool, loader, program, folder):
    """The floor's command line for a program, whose libraries `loader` lists."""
    libraries = [Library(path) for path in _paths(loader, program)]
    first = {}
    for library in libraries:
        for name, index in library.definitions().items():
            first.setdefault(name, (library, index))
    for library in libraries:
        for index in library.referred():
            library.read_symbol(index)
            definition = first.get(library.symbols[index - 1].name)
            if definition is not None:
                definition[0].read_symbol(definition[1])
    listed = folder / f"{program.parent.name}-{program.name}.pages"
    listed.write_text("".join(f"{library.file.path} {' '.join(map(str, sorted(library.pages)))}\n" for library in libraries))
    return [str(tool), str(listed)]


def _paths(loader, program):
    done = subprocess.run([str(loader), "--list", str(program)], capture_output=True, text=True, check=True, timeout=60)
    paths = re.findall(r"=> (/\S+) \(0x", done.stdout)
    return [path for path in paths if not LIBC.search(path)]
