// libc's own loader in the place of ld-seal: glibc's rtld, or musl's libc.so. It is never ld-seal,
// which may lie under its name.
#pragma once

#include "ldso/image/search.h"
#include "ldso/process/process.h"

namespace ldseal {

// Finds glibc's rtld for what only it knows: its tunables, its diagnostics. Error:
// kLibraryNotFound.
Result<FoundFile> find_glibc_rtld(Process& process);

// Finds the loader of the libc that the program uses, for the program. p.search must be set. Error:
// kLibraryNotFound.
Result<FoundFile> find_libc_rtld(Process& process);

// Maps the loader as the kernel does. Errors: those of map_object(), and kProgramHeadersNotMapped.
Result<Module*> map_libc_rtld(Process& process, const FoundFile& found);

// Makes the auxiliary vector what the kernel gives `rtld` if it is started as a command.
void describe_as_command(const ProcessStack& stack, const Module& rtld);

}  // namespace ldseal
