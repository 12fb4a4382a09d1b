// Constructors and destructors (gABI, "Initialization and Termination Functions").
#pragma once

#include <span>

#include "ldso/process/process.h"

namespace ldseal {

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
// DT_FINI_ARRAY backwards, then DT_FINI.
void destroy(const Module& module, const Process& process);

}  // namespace ldseal
