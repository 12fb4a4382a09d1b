// The parts of `sealctl doctor`. Each adds its lines and findings to the report.
#pragma once

#include "tools/sealctl/doctor/finding.h"
#include "tools/sealctl/doctor/machine.h"
#include "tools/sealctl/doctor/root.h"

namespace sealctl::doctor {

// What the running kernel can do: mseal, guards, PROCMAP_QUERY, /proc/self/mem.
void check_kernel(const Root& root, Report& report);
// Is ld-seal installed, in a safe place, and does it work?
void check_loader(const Root& root, const SystemMachine& machine, Report& report);
// Which libc is there, and its own loader, which ld-seal needs? And /etc/ld.so.preload.
void check_libc(const Root& root, const SystemMachine& machine, Report& report);
// Do all methods find the same vDSO in this process?
void check_vdso(Report& report);
// What sandboxes of units forbid.
void check_units(const Root& root, const SystemMachine& machine, Report& report);
// Will an initramfs that is made anew hold ld-seal? Is there a shell that needs no loader?
void check_rescue(const Root& root, Report& report);
// The programs in PATH that ld-seal gives to libc's loader.
void check_programs(const Root& root, const SystemMachine& machine, Report& report);

}  // namespace sealctl::doctor
