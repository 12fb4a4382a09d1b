// Constructors and destructors (gABI, "Initialization and Termination Functions"): dependencies
// first, cycles cut where the same libc's loader cuts them.
#pragma once

#include <span>

#include "ldso/process/process.h"

namespace ldseal {

// The order in which the modules' constructors run. glibc walks the dependencies depth first from
// the last object loaded to the first; musl from the program alone.
List<Module*> constructor_order(std::span<Module* const> modules, Flavour flavour, Arena& permanent,
                                Arena& scratch);

// Every function in the arrays of our modules must be code of some object of the process. Asked
// once they are relocated, before the first of them runs.
Status check_constructors(const Process& process);

// Of one that is opened together with `group`.
Status check_constructors(const Module& module, std::span<Module* const> group);

// The constructors of an opened object, once; a constructor may open more.
void construct_opened(Module& module);
// The destructors of one whose constructors have run, once.
void destroy_opened(Module& module);

// The program's DT_PREINIT_ARRAY.
void run_preinitialisers(const Process& process);
// DT_INIT, then DT_INIT_ARRAY, of every library.
void run_library_constructors(const Process& process);
// The same for the program, where nobody else runs them.
void run_program_constructors(const Process& process);
// DT_FINI_ARRAY backwards, then DT_FINI: the program's, then the libraries' in the reverse order of
// construction.
void run_destructors(const Process& process);

}  // namespace ldseal
