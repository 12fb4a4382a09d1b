// See machine.h.
#include "tools/sealctl/doctor/machine.h"

#include <algorithm>
#include <string_view>
#include <sys/utsname.h>

#include "tools/sealctl/elf_summary.h"

namespace sealctl::doctor {
namespace {

std::string running_machine() {
  utsname names;
  return uname(&names) == 0 ? names.machine : "";
}

}  // namespace

const SystemMachine* machine_of(const Root& root) {
  for (const char* path : {"/usr/bin/env", "/bin/sh", "/sbin/init", "/bin/true", "/usr/bin/true"}) {
    const auto elf = summarize_elf(root.open_file(path));
    if (!elf) continue;
    const auto* machine = std::ranges::find(kMachines, elf->machine, &SystemMachine::number);
    return machine == kMachines.end() || !elf->is_64_bit ? nullptr : machine;
  }
  for (const SystemMachine& machine : kMachines) {
    if (root.has(machine.loader) || root.has(machine.glibc_loader) || root.has(machine.musl_loader))
      return &machine;
  }
  return nullptr;
}

bool is_running(const SystemMachine& machine) { return running_machine() == machine.name; }

}  // namespace sealctl::doctor
