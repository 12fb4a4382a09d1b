// Finding the program: the kernel has mapped it, or our command line names it.
#pragma once

#include "ldso/base/result.h"
#include "ldso/process/process.h"
#include "ldso/start/options.h"

namespace ldseal {

// Describes the loader itself, from its own ELF header.
Status describe_self(Process& process);

// Was the loader started as a program, and not as a program's PT_INTERP?
bool started_as_command(const ProcessStack& stack);

// Describes the program; maps it first when it comes from the command line, and puts the auxiliary
// vector right, as if the kernel had started it.
Result<Module*> load_program(Process& process, const Options& options, Arena& permanent);

// Has this program relocated itself, or nothing to relocate: no loader and no library asked for?
bool is_static(const Module& program);

}  // namespace ldseal
