"""x86-64: the addend of a JUMP_SLOT does not count (psABI, "Relocation Types"); `ld -z mark-plt` keeps the address of the
slot's PLT entry in it. The linkers of this machine may not know that option, so the files are changed here."""

import struct

from elf_file import DT_JMPREL, DT_PLTRELSZ, ElfFile

LAZY = "-Wl,-z,lazy"
OPENS = """
#include <dlfcn.h>
#include "observe.h"
int main(void) {
  void *asking = dlopen("libasking.so", RTLD_LAZY), *later = dlopen("libwho.so", RTLD_LAZY | RTLD_GLOBAL);
  if (!asking || !later) { say_text("error", dlerror()); return 1; }
  say_text("who", ((const char *(*)(void))dlsym(asking, "who_below"))());
  return 3;
}
"""


def mark_slots(path):
    """Writes an address into the addend of every JUMP_SLOT of the file."""
    elf = ElfFile(path)
    table, size = elf.file_offset(elf.dynamic_value(DT_JMPREL)), elf.dynamic_value(DT_PLTRELSZ)
    marked = bytearray(elf.data)
    for entry in range(table, table + size, 24):
        struct.pack_into("<q", marked, entry + 16, 0x2030 + entry - table)
    path.write_bytes(marked)


def test_slots_bound_at_start_do_without_their_addend(native_lab):
    library = native_lab.library("libs/libwho.so", "the library")
    program = native_lab.program("program", [library], flags=[f"-Wl,-rpath,{library.parent}", LAZY])
    mark_slots(program)
    assert native_lab.told(program) == "the library"


def test_slots_bound_at_the_first_call_do_without_their_addend(glibc_lab):
    library = glibc_lab.library("libs/libwho.so", "opened later")
    source = "const char *who(void);\nconst char *who_below(void) { return who(); }\n"
    asking = glibc_lab.library("libs/libasking.so", source=source, flags=[LAZY])
    mark_slots(asking)
    program = glibc_lab.program("program", source=OPENS, flags=[f"-Wl,-rpath,{library.parent}"])
    assert glibc_lab.told(program) == "opened later"
