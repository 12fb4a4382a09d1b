// The steps of start-up between loading (load.h) and sealing (sealing.h), and those after it.
#pragma once

#include "ldso/base/result.h"
#include "ldso/link/tls_layout.h"
#include "ldso/start/phases.h"

namespace ldseal {

// Where each object's thread-local storage lies in every thread's static block. Errors: kTlsTooLarge;
// kNoPageTableGuards under LDSEAL_GUARD=madv.
Result<TlsLayout> lay_out_thread_storage(const PolicyDecided& decided);

// libc's own rtld brings libc up: its code runs, nothing of the program's.
Result<LibcAlive> bring_libc_up(PolicyDecided&& decided, const TlsLayout& tls);

// Errors: kVersionMissing, kVersionFileMissing.
Result<VersionsFound> check_all_versions(LibcAlive&& alive);

// Applies relocations, those that depend on IFUNC resolvers last, and writes the initial images of
// thread-local storage. Reports what is wrong and ends the process with 127.
Linked link(RelroAnonymous&& ready, const TlsLayout& tls, LinkStatistics& statistics);

// Shows the objects to debuggers (struct r_debug of <link.h>), and to look-ups by address.
Published publish(Linked&& linked);

// Errors: kFunctionOutside.
Result<ConstructorsChecked> check_constructors(Published&& published);

// Runs every constructor that must run before the program's entry.
Constructed run_constructors(Sealed&& sealed);
// A static program runs its own.
Constructed leave_constructors_to_program(Sealed&& sealed);

// The function that the program must register with atexit(3), as its psABI says of the entry's register;
// 0 for musl, which runs destructors through our hooks.
uintptr_t fini_for_program(const Constructed& constructed);

}  // namespace ldseal
