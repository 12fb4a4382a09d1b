// What the headers of an ELF file say that matters to ld-seal. A file is read as what it is: a
// damaged one has fewer members set, and no file makes this fail otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/sealctl/files.h"

namespace sealctl {

struct ElfLoad {
  uint64_t offset = 0;
  uint64_t address = 0;  // p_vaddr
  uint64_t size = 0;     // p_memsz
  bool is_writable = false;
  bool is_executable = false;
};

struct ElfSummary {
  bool is_64_bit = false;
  uint16_t machine = 0;  // EM_…
  uint16_t type = 0;     // ET_…
  std::optional<std::string> interpreter;
  std::string soname;
  std::string policy;  // the words of the program's note (<ldseal/policy.h>)
  std::vector<ElfLoad> loads;
  uint64_t relro_address = 0;
  uint64_t relro_size = 0;
  bool is_dynamic = false;
  bool has_text_relocations = false;
  bool has_stack_header = false;
  bool asks_for_executable_stack = false;  // its PT_GNU_STACK has PF_X
};

// None: it is no ELF file of this byte order, or it cannot be read.
std::optional<ElfSummary> summarize_elf(const Descriptor& file);

}  // namespace sealctl
