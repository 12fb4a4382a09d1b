// The machines that ld-seal is built for, and the names that loaders have there.
#pragma once

#include <array>
#include <cstdint>
#include <elf.h>
#include <string>
#include <string_view>

namespace sealctl {

struct Machine {
  uint16_t elf_machine;           // e_machine
  std::string_view name;          // as the kernel and ld-seal name it
  std::string_view libc_name;     // PT_INTERP of the ABI: the name of libc's rtld
  std::string_view libc_file;     // where Debian has the file of libc's rtld
  std::string_view seal_name;     // PT_INTERP of an adopted program
  std::string_view dpkg_machine;  // dpkg's name of the machine
};

inline constexpr std::array kMachines = {
    Machine{EM_X86_64, "x86_64", "/lib64/ld-linux-x86-64.so.2",
            "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "/lib64/ld-seal-x86_64.so.1", "amd64"},
    Machine{EM_AARCH64, "aarch64", "/lib/ld-linux-aarch64.so.1",
            "/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1", "/lib/ld-seal-aarch64.so.1", "arm64"},
};

// A program is adopted in place, so ld-seal's name must not be longer than libc's.
static_assert(kMachines[0].seal_name.size() <= kMachines[0].libc_name.size());
static_assert(kMachines[1].seal_name.size() <= kMachines[1].libc_name.size());

// The machine, or null for one that ld-seal is not built for.
inline const Machine* machine_of(uint16_t elf_machine) {
  for (const Machine& machine : kMachines)
    if (machine.elf_machine == elf_machine) return &machine;
  return nullptr;
}

inline const Machine* machine_named(std::string_view name) {
  for (const Machine& machine : kMachines)
    if (machine.name == name) return &machine;
  return nullptr;
}

// The last component of a path.
inline std::string base_name(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

}  // namespace sealctl
