// The steps of start-up that are about sealing: what a supervisor wants, what is decided, what is made
// ready, what is sealed.
#pragma once

#include "ldso/base/result.h"
#include "ldso/start/options.h"
#include "ldso/start/phases.h"

namespace ldseal {

// Asks whether a supervisor exempts anything (<ldseal/exempt.h>, rr), and whether valgrind runs the
// process. Before anything is mapped or sealed.
void query_supervisor(Process& process, const Options& options);

// The built-in policy, the program's word, LDSEAL; and LDSEAL_GUARD. Errors: a word that does not exist.
Result<PolicyDecided> decide_policy(Mapped&& mapped, const Options& options);

// Makes the RELRO anonymous that others have mapped from files, if RELRO is to be sealed: the program's,
// which the kernel has mapped, before it is relocated; that of glibc's libc, which its rtld has relocated
// already, becomes read-only again. What ld-seal maps is anonymous from the start.
Result<RelroAnonymous> make_relro_anonymous(VersionsFound&& checked);

// Makes the RELRO of all objects read-only that ld-seal relocates.
Result<Protected> protect_relro(ConstructorsChecked&& checked);

// Seals everything that the policy asks for, ld-seal's own memory included. Nothing of that may change
// any more but `Process` and what the plan calls changing, so this runs on the process's own stack.
Result<Sealed> seal_everything(Protected&& ready);

// The same for a program that relocates itself: only its text, the system's mappings, and ld-seal.
Result<Sealed> seal_around_static_program(PolicyDecided&& decided);

}  // namespace ldseal
