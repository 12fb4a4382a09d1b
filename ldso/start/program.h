// Finds the program: the kernel has mapped it, or ld-seal's command line names it.
#pragma once

#include "ldso/base/result.h"
#include "ldso/process/process.h"
#include "ldso/start/options.h"

namespace ldseal {

// Describes ld-seal itself, from its own ELF header.
Status describe_self(Process& process);

// Was ld-seal started as a program, and not as a program's PT_INTERP?
bool started_as_command(const ProcessStack& stack);

// Describes the program. If the command line names it, maps it first and changes the auxiliary
// vector to what the kernel would have given the program.
Result<Module*> load_program(Process& process, const Options& options, Arena& permanent);

// Finds the program headers of an object in the object's own memory, because the process may read
// them later (AT_PHDR). Errors: kProgramHeadersNotMapped.
Status use_mapped_headers(Module& module, const Ehdr& header, PageSize page, Arena& permanent);

// Is the program glibc's libc.so.6, which prints its version when it is run? It needs only libc's
// rtld.
bool is_glibc_itself(const Graph& graph);

// Is it a static program, which has no PT_INTERP and no DT_NEEDED? It relocates itself or has no
// relocations.
bool is_static(const Module& program);

}  // namespace ldseal
