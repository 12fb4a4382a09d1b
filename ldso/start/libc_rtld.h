// libc's own loader in the place of ld-seal: glibc's rtld, or musl's libc.so. It is never ld-seal,
// which may lie under its name.
#pragma once

#include "ldso/base/result.h"
#include "ldso/process/process.h"

namespace ldseal {

// Finds glibc's rtld and maps it as the kernel does, for what only it knows: its tunables, its
// diagnostics. Error: kLibraryNotFound.
Result<Module*> load_glibc_rtld(Process& process);

// The same for the loader of the libc that the program uses. p.search must be set, and the program
// mapped.
Result<Module*> load_libc_rtld(Process& process);

// Makes the auxiliary vector what the kernel gives `rtld` if it is started as a command.
void describe_as_command(const ProcessStack& stack, const Module& rtld);

}  // namespace ldseal
