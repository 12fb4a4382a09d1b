// Constructors and destructors (gABI, "Initialization and Termination Functions").
#pragma once

#include <span>

#include "ldso/process/process.h"

namespace ldseal {

// Checks that every function in the arrays of the modules that we relocate is code of an object of
// the process. Called once they are relocated, before the first function runs. Errors:
// kFunctionOutside. Keeps destructors, too.
Status check_constructors(const Process& process, Arena& permanent);

// The same for one opened module. `group` are the modules that are opened with it and are not
// published yet.
Status check_constructors(const Module& module, std::span<Module* const> group);

// Destructors are called from an array that does not change: one outside of RELRO, which stays
// writable, is copied to `arena`, where it is a record or becomes final.
void keep_destructors(Module& module, Arena& arena);
// Is every function of DT_FINI_ARRAY and DT_FINI code of the module itself, and of no object that
// is ours?
bool are_destructors_its_own(const Module& module);

// The constructors of an object, once; a constructor may open more.
void construct_once(Module& module);
// Runs the destructors of a dlopened object whose constructors have run, once. dl_lock is held.
void destroy_once(Module& module);

// Those of a library with DF_1_INITFIRST, before all else.
void run_first_constructors(const Process& process);
// Runs the program's DT_PREINIT_ARRAY.
void run_preinitialisers(const Process& process);
// Runs DT_INIT, then DT_INIT_ARRAY, of every start-up library. No lock is held.
void run_library_constructors(const Process& process);
// The program's are next, and libc runs them.
void leave_program_to_libc(const Process& process);
// The same for the program: under musl only, because glibc's start code runs the program's.
void run_program_constructors(const Process& process);
// Runs DT_FINI_ARRAY backwards, then DT_FINI.
void destroy(const Module& module, const Process& process);

}  // namespace ldseal
