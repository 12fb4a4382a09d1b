// The steps of start-up between loading (load.h) and sealing (sealing.h), and those after sealing.
#pragma once

#include "ldso/base/result.h"
#include "ldso/link/tls_layout.h"
#include "ldso/start/phases.h"

namespace ldseal {

// Computes where each object's thread-local storage lies in every thread's static block. Errors:
// kTlsTooLarge; kNoPageTableGuards under LDSEAL_GUARD=madv.
Result<TlsLayout> lay_out_thread_storage(const PolicyDecided& decided, const Options& options);

// What comes after libc's rtld. It must not return (libc/bring_up.h).
using AfterLibcAlive = void (*)(Result<LibcAlive> alive, void* argument);

// Has libc's rtld bring libc up, and calls `then`. Code of libc and its rtld runs; no code of the
// program does.
[[noreturn]] void bring_libc_up(PolicyDecided&& decided, const TlsLayout& tls, AfterLibcAlive then,
                                void* argument);

// Checks that every version that an object needs is defined. Errors: kVersionMissing,
// kVersionFileMissing.
Result<VersionsFound> check_all_versions(LibcAlive&& alive);

// Applies relocations, those that depend on IFUNC resolvers last, and writes the initial images of
// thread-local storage. After an error, reports it and ends the process with exit status 127.
Linked link(RelroAnonymous&& ready, const TlsLayout& tls, LinkStatistics& statistics);

// Shows the objects to debuggers (struct r_debug of <link.h>), and to look-ups by address.
Published publish(Linked&& linked);

// Checks that every constructor and destructor is code. Errors: kFunctionOutside.
Result<ConstructorsChecked> check_constructors(Published&& published);

// Runs every constructor that must run before the program's entry.
Constructed run_constructors(Sealed&& sealed);
// Runs none: a static program runs its own.
Constructed leave_constructors_to_program(Sealed&& sealed);

// Leaves the program to libc's rtld, which relocates it: nothing is linked. Gives rtld's entry.
uintptr_t leave_to_libc_rtld(const Constructed& constructed);

// The function that the program must register with atexit(3), as its psABI says of the entry's
// register; 0 for musl, with which it is registered before the first constructor.
uintptr_t fini_for_program(const Constructed& constructed);

}  // namespace ldseal
