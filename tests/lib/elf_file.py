"""A small reader of ELF64 little-endian files, for tests that look at what was built."""

import struct
from collections import namedtuple
from pathlib import Path

ET_EXEC = 2
ET_DYN = 3
PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_TLS = 1, 2, 3, 7
PT_GNU_STACK, PT_GNU_RELRO = 0x6474E551, 0x6474E552
PF_X, PF_W, PF_R = 1, 2, 4
DT_NEEDED, DT_PLTRELSZ, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_RELA, DT_RELASZ = 1, 2, 4, 5, 6, 7, 8
DT_INIT, DT_FINI, DT_SONAME, DT_REL, DT_TEXTREL, DT_JMPREL = 12, 13, 14, 17, 22, 23
DT_INIT_ARRAY, DT_FINI_ARRAY, DT_FLAGS, DT_PREINIT_ARRAY, DT_RELRSZ, DT_RELR = 25, 26, 30, 32, 35, 36
DT_GNU_HASH = 0x6FFFFEF5
DF_TEXTREL, DF_STATIC_TLS = 4, 16
SHT_DYNSYM = 11
MACHINES = {62: "x86_64", 183: "aarch64"}
RELATIVE = {"x86_64": 8, "aarch64": 1027}

Segment = namedtuple("Segment", "type flags offset address physical file_size memory_size alignment")
Section = namedtuple("Section", "name type flags address offset size link info alignment entry_size")
Symbol = namedtuple("Symbol", "name info other section value size")
Relocation = namedtuple("Relocation", "offset type symbol addend")


def program_headers(image):
    """Of the bytes of a file that a test changes: where each program header begins, and its type and flags."""
    (start,), (count,) = struct.unpack_from("<Q", image, 32), struct.unpack_from("<H", image, 56)
    return [(at, *struct.unpack_from("<II", image, at)) for at in range(start, start + 56 * count, 56)]


class ElfFile:
    def __init__(self, path):
        self.path = Path(path)
        self.data = self.path.read_bytes()
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{path} is no ELF64 little-endian file")
        (self.type, machine, _, self.entry, phoff, shoff, _, _, phentsize, phnum, shentsize, shnum, _) = \
            struct.unpack_from("<HHIQQQIHHHHHH", self.data, 16)
        self.machine = MACHINES[machine]
        self.segments = [Segment(*struct.unpack_from("<IIQQQQQQ", self.data, phoff + i * phentsize))
                         for i in range(phnum)]
        self.sections = [Section(*struct.unpack_from("<IIQQQQIIQQ", self.data, shoff + i * shentsize))
                         for i in range(shnum)]

    def segments_of(self, kind):
        return [segment for segment in self.segments if segment.type == kind]

    def file_offset(self, address):
        for segment in self.segments_of(PT_LOAD):
            if segment.address <= address < segment.address + segment.file_size:
                return address - segment.address + segment.offset
        raise ValueError(f"{self.path}: no PT_LOAD has the bytes at {address:#x}")

    def dynamic(self):
        """The dynamic section as (tag, value) pairs, without DT_NULL."""
        (segment,) = self.segments_of(PT_DYNAMIC)
        pairs = struct.iter_unpack("<qQ", self.data[segment.offset:segment.offset + segment.file_size])
        entries = []
        for tag, value in pairs:
            if tag == 0:
                break
            entries.append((tag, value))
        return entries

    def dynamic_value(self, tag, default=None):
        return next((value for found, value in self.dynamic() if found == tag), default)

    def text(self, offset):
        """A name of the dynamic string table."""
        start = self.file_offset(self.dynamic_value(DT_STRTAB)) + offset
        return self.data[start:self.data.index(b"\0", start)].decode()

    def symbols(self):
        """The dynamic symbols without the null symbol; their number is only in the section header."""
        (section,) = [section for section in self.sections if section.type == SHT_DYNSYM]
        table = self.data[section.offset:section.offset + section.size]
        return [Symbol(self.text(name), *rest) for name, *rest in struct.iter_unpack("<IBBHQQ", table)][1:]

    def exports(self):
        """The names of the symbols that others can bind to: global or weak, defined, visible."""
        return sorted(symbol.name for symbol in self.symbols()
                      if symbol.section != 0 and symbol.info >> 4 != 0 and symbol.other & 3 in (0, 3))

    def relocations(self):
        """The RELA entries, those of the PLT too; RELR entries are RELATIVE by their nature."""
        found = []
        for start, size in ((DT_RELA, DT_RELASZ), (DT_JMPREL, DT_PLTRELSZ)):
            if (address := self.dynamic_value(start)) is not None:
                offset = self.file_offset(address)
                table = self.data[offset:offset + self.dynamic_value(size, 0)]
                found += [Relocation(where, info & 0xFFFFFFFF, info >> 32, addend)
                          for where, info, addend in struct.iter_unpack("<QQq", table)]
        return found

    def relr_places(self):
        """The addresses that RELR relocates: an even word is an address, an odd one a bitmap of the 63 that follow."""
        address = self.dynamic_value(DT_RELR)
        if address is None:
            return []
        offset = self.file_offset(address)
        places, base = [], 0
        for (word,) in struct.iter_unpack("<Q", self.data[offset:offset + self.dynamic_value(DT_RELRSZ)]):
            if word & 1 == 0:
                places.append(word)
                base = word + 8
            else:
                places += [base + 8 * bit for bit in range(63) if word >> (bit + 1) & 1]
                base += 63 * 8
        return places
