// The machines that ld-seal is built for, with the paths that programs name their loaders by.
#pragma once

#include <array>
#include <cstdint>
#include <elf.h>

#include "tools/sealctl/doctor/root.h"

namespace sealctl::doctor {

struct SystemMachine {
  uint16_t number;           // EM_…
  const char* name;          // as uname(2) has it
  const char* multiarch;     // Debian's folder of libraries
  const char* loader;        // ld-seal as PT_INTERP
  const char* glibc_loader;  // glibc's
  const char* musl_loader;
};

constexpr std::array kMachines = {
    SystemMachine{EM_X86_64, "x86_64", "x86_64-linux-gnu", "/lib64/ld-seal-x86_64.so.1",
                  "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"},
    SystemMachine{EM_AARCH64, "aarch64", "aarch64-linux-gnu", "/lib/ld-seal-aarch64.so.1",
                  "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1"},
};

// The machine that the root's programs are for. Null: none of these.
const SystemMachine* machine_of(const Root& root);

// Is it the machine that runs?
bool is_running(const SystemMachine& machine);

}  // namespace sealctl::doctor
