// What a file says about the loader that the kernel starts it with. Only reads.
#pragma once

#include <cstdint>
#include <string>

#include "tools/sealctl/adopt/machines.h"

namespace sealctl {

struct ElfProgram {
  const Machine* machine = nullptr;
  uint64_t interp_offset = 0;  // of PT_INTERP's bytes in the file
  uint64_t interp_size = 0;    // p_filesz, with the NULs at the end; 0 without PT_INTERP
  std::string interp;          // PT_INTERP's bytes without the NULs at the end
  std::string soname;          // DT_SONAME, empty if there is none
};

// Reads an ELF program or shared library of a machine that ld-seal is built for. Throws Refused for
// every other file, and for one with wrong or unreadable headers.
ElfProgram read_elf(int file);

// Throws Refused unless libc's rtld starts the program and sealctl can write ld-seal's name
// instead. A program that ld-seal starts already passes.
void check_program(const ElfProgram& elf);

// PT_INTERP's bytes for this name: with NULs up to `size`. Throws Refused if it does not fit.
std::string interp_bytes(std::string_view name, uint64_t size);

}  // namespace sealctl
